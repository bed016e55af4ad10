"""What saving, and not doing, an instrument does to its entry, as pure functions of the fact.

An entry.save fact carries one body item per changed item of the instrument, named `item:<name>`
with the old and the new cell, beside the entry's key and outcome (status, version, flags) and what
its visit shows of it: `form_status` over all instances, how many `instances`, the `visit_date`.
Where an item names an attached file for the first time, `file:<name>` is the id of its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capture.access import Action
from capture.entry.tables import ENTERED_IN_ERROR, ENTRY, EntryState
from capture.ledger.fold import (
    FoldedTable,
    LedgerRow,
    Row,
    State,
    applies,
    changes_nothing,
    counts,
)
from capture.participants.fold import add_entered_form, remove_entered_form
from capture.queries.tables import QUERY
from capture.visibility import mentions, usual_mention
from capture.visibility.mentions import Mention, mention_of_answers

ITEM = "item:"
FILE = "file:"
KEY = ("site", "visit", "visit_slug", "occurrence", "instrument", "instance")


@applies(Action.ENTRY_SAVE)
def apply_save(state: State, fact: LedgerRow) -> None:
    """Change the items the fact names; the others stay as they are."""
    before = ENTRY.get(state, fact.new("id"))
    doc = _change_document(before["doc"] if before else {}, fact)
    ENTRY.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": fact.new("site"),
            "visit": fact.new("visit"),
            "visit_slug": fact.new("visit_slug"),
            "occurrence": fact.new("occurrence"),
            "instrument": fact.new("instrument"),
            "instance": fact.new("instance"),
            "version": fact.new("version"),
            "status": fact.new("status"),
            "assessment_date": fact.new("assessment_date"),
            "completed_at": fact.new("completed_at"),
            "flags": fact.new("flags"),
            "doc": doc,
            "study_version": fact.study_version,
            "saved_at": fact.at,
            "saved_by": fact.actor,
            "reason": None,
            "days_late": _days_late(before, fact),
        },
    )
    _show_in_visit(state, fact)


@applies(Action.ENTRY_RECALCULATE)
def apply_recalculation(state: State, fact: LedgerRow) -> None:
    """Something the entry reads has changed: its outcomes follow, its version and author stay."""
    before = ENTRY.get(state, fact.new("id"))
    if before is None:
        raise LookupError(f"{fact.action.value} {fact.id}: there is no such entry")
    ENTRY.put(
        state,
        {
            **before,
            "status": fact.new("status"),
            "assessment_date": fact.new("assessment_date"),
            "completed_at": fact.new("completed_at"),
            "flags": fact.new("flags"),
            "doc": _change_document(before["doc"], fact),
        },
    )
    _show_in_visit(state, fact)


def _change_document(doc: Mapping[str, Any], fact: LedgerRow) -> dict[str, Any]:
    changed = dict(doc)
    for name, change in fact.body.items():
        if name.startswith(ITEM):
            item = name.removeprefix(ITEM)
            if change.new is None:
                changed.pop(item, None)
            else:
                changed[item] = change.new
    return changed


@applies(Action.ENTRY_MARK_NOT_DONE)
def apply_not_done(state: State, fact: LedgerRow) -> None:
    """The whole instrument was not done; values entered before stay in the document."""
    before = ENTRY.get(state, fact.new("id"))
    ENTRY.put(
        state,
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            "site": fact.new("site"),
            "visit": fact.new("visit"),
            "visit_slug": fact.new("visit_slug"),
            "occurrence": fact.new("occurrence"),
            "instrument": fact.new("instrument"),
            "instance": fact.new("instance"),
            "version": fact.new("version"),
            "status": "not_done",
            "doc": before["doc"] if before else {},
            "assessment_date": before["assessment_date"] if before else None,
            "completed_at": before["completed_at"] if before else None,
            "study_version": fact.study_version,
            "saved_at": fact.at,
            "saved_by": fact.actor,
            "reason": fact.new("missing_reason"),
            "flags": before["flags"] if before else [],
            "days_late": _days_late(before, fact),
        },
    )
    _show_in_visit(state, fact)


def _days_late(before: EntryState | None, fact: LedgerRow) -> int | None:
    """Counted once, when the form is begun, from the window as it stood then."""
    late: int | None = before["days_late"] if before else fact.new("days_late")
    return late


def _show_in_visit(
    state: State, fact: LedgerRow, *, show: Callable[..., None] = add_entered_form
) -> None:
    show(
        state,
        fact.subject_id,
        fact.new("visit"),
        instrument=fact.new("instrument"),
        status=fact.new("form_status"),
        instances=fact.new("instances"),
        visit_date=fact.new("visit_date"),
    )


def put_aside(
    state: State,
    fact: LedgerRow,
    kind: str,
    kept: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    """Keep rows as struck out, and take them from where they count. kept: by table, by id."""
    whole = {
        table: [
            # A column's name that SQLAlchemy made is a text of its own kind, which is no JSON key.
            {str(name): value for name, value in row.items() if name not in _OWNER}
            for row in rows
        ]
        for table, rows in kept.items()
    }
    ENTERED_IN_ERROR.put(
        state,
        {
            "id": fact.new("entered_in_error"),
            "kind": kind,
            "about": fact.new("id"),
            "at": fact.at,
            "marked_by": fact.actor,
            "participant": fact.subject_id,
            "site": fact.new("site"),
            "reason": fact.reason,
            "content": whole,
        },
    )
    for table, rows in kept.items():
        for row in rows:
            state.drop(table, row["id"])


def put_back(state: State, fact: LedgerRow) -> None:
    """Put struck rows back where they count."""
    row = ENTERED_IN_ERROR.get(state, fact.new("entered_in_error"))
    if row is None:
        raise LookupError(f"{fact.action.value} {fact.id}: nothing was struck")
    for table, rows in row["content"].items():
        for struck_row in rows:
            state.put(table, struck_row)
    ENTERED_IN_ERROR.drop(state, row["id"])


_OWNER = ("study", "subject")
"""Columns that the state itself gives to every row of a subject."""


def list_rows_about(state: State, table: FoldedTable[Row], column: str, wanted: str) -> list[Row]:
    """The subject's rows of a table that name something, in the order of their ids."""
    found = [row for row in table.rows(state) if row[column] == wanted]
    return sorted(found, key=lambda row: str(row["id"]))


@applies(Action.ENTRY_MARK_IN_ERROR)
def apply_strike(state: State, fact: LedgerRow) -> None:
    """The entry and its queries count no more; what the visit shows follows from what is left."""
    entry_id = fact.new("id")
    entries = list_rows_about(state, ENTRY, "id", entry_id)
    queries = list_rows_about(state, QUERY, "entry", entry_id)
    put_aside(state, fact, "entry", {"entry": entries, "query": queries})
    _show_in_visit(state, fact, show=remove_entered_form)


@applies(Action.ENTRY_REINSTATE)
def apply_reinstate(state: State, fact: LedgerRow) -> None:
    put_back(state, fact)
    _show_in_visit(state, fact)


applies(Action.DRAFT_TAKE_OVER)(changes_nothing)
applies(Action.DRAFT_DISCARD)(changes_nothing)


BANDS: Mapping[str, int] = {"in_window": 0, "week": 7, "month": 30}
"""How late a form was begun, in bands, each up to a number of days; `later` is what lies beyond."""


@counts(ENTRY)
def count_entry(row: EntryState) -> Iterator[tuple[str, str]]:
    """Where it was begun: how far it came, and how late it was begun where a window was planned.

    The visit stands in the name, since one of a single arm may not be counted for everybody.
    """
    place = f"{row['instrument']}.{row['visit_slug']}"
    yield row["site"], f"entry.{place}.{row['status']}"
    if row["days_late"] is not None:
        late = (band for band, days in BANDS.items() if row["days_late"] <= days)
        yield row["site"], f"begun.{place}.{next(late, 'later')}"


mentions(
    Action.ENTRY_SAVE,
    Action.ENTRY_MARK_NOT_DONE,
    Action.ENTRY_MARK_IN_ERROR,
    Action.ENTRY_REINSTATE,
)(mention_of_answers)


@mentions(Action.ENTRY_RECALCULATE)
def mention_of_recalculation(fact: LedgerRow) -> Mention:
    """The place, and as parts each item worked out anew and each now asked or not asked any more.

    Where all of them are withheld, even that something was worked out is: after a draw it could
    tell the arm.
    """
    answers = mention_of_answers(fact)
    flags = fact.body["flags"]
    turned = set(flags.old or ()) ^ set(flags.new or ())
    parts = (*answers.parts, *(Mention(items=frozenset({name})) for name in sorted(turned)))
    return replace(answers, parts=parts)


mentions(Action.DRAFT_TAKE_OVER, Action.DRAFT_DISCARD)(usual_mention)
