"""Folds saves of entries into the state: saved, not done, struck out, reinstated.

An entry.save fact carries one body item per changed item of the instrument, named `item:<name>`
with the old and the new cell, beside the entry's key and outcome (status, version, flags) and what
its visit shows of it: `form_status` over all instances, how many `instances`, the `actual_date`.
Where an item names an attached file for the first time, `file:<name>` is the id of its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, StateRow, applies, changes_nothing, counts
from capture.participants.fold import add_entered_form, remove_entered_form
from capture.visibility import mentions, usual_mention
from capture.visibility.mentions import mention_of_answers

ITEM = "item:"
FILE = "file:"
KEY = ("site", "visit", "visit_slug", "occurrence", "instrument", "instance")
OUTCOME = ("version", "status", "assessment_date", "completed_at", "flags")


@applies(Action.ENTRY_SAVE)
def apply_save(state: State, fact: LedgerRow) -> None:
    """Change the items the fact names; the others stay as they are."""
    before = state.get("entry", fact.new("id"))
    doc = dict(before["doc"]) if before else {}
    for name, change in fact.body.items():
        if name.startswith(ITEM):
            item = name.removeprefix(ITEM)
            if change.new is None:
                doc.pop(item, None)
            else:
                doc[item] = change.new
    state.put(
        "entry",
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            **{name: fact.new(name) for name in KEY + OUTCOME},
            "doc": doc,
            "study_version": fact.study_version,
            "saved_at": fact.at,
            "saved_by": fact.actor,
            "reason": None,
            "days_late": _keep_days_late(before, fact),
        },
    )
    _show_in_visit(state, fact)


@applies(Action.ENTRY_NOT_DO)
def apply_not_done(state: State, fact: LedgerRow) -> None:
    """The whole instrument was not done; values entered before stay in the document."""
    before = state.get("entry", fact.new("id"))
    state.put(
        "entry",
        {
            "id": fact.new("id"),
            "participant": fact.subject_id,
            **{name: fact.new(name) for name in KEY},
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
            "days_late": _keep_days_late(before, fact),
        },
    )
    _show_in_visit(state, fact)


def _keep_days_late(before: StateRow | None, fact: LedgerRow) -> int | None:
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
        actual_date=fact.new("actual_date"),
    )


def put_aside(state: State, fact: LedgerRow, kind: str, kept: Mapping[str, list[StateRow]]) -> None:
    """Keep rows as struck out, and take them from where they count. kept: by table, by id."""
    whole = {
        table: [
            # A column's name that SQLAlchemy made is a text of its own kind, which is no JSON key.
            {str(name): value for name, value in row.items() if name not in _OWNER}
            for row in rows
        ]
        for table, rows in kept.items()
    }
    row = {"kind": kind, "about": fact.new("id"), "at": fact.at, "who": fact.actor}
    place = {"participant": fact.subject_id, "site": fact.new("site"), "reason": fact.reason}
    state.put("struck", {"id": fact.new("struck"), **row, **place, "kept": whole})
    for table, rows in kept.items():
        for row in rows:
            state.drop(table, row["id"])


def put_back(state: State, fact: LedgerRow) -> dict[str, list[StateRow]]:
    """Put struck rows back into their tables; returns them by table."""
    row = state.get("struck", fact.new("struck"))
    if row is None:
        raise LookupError(f"{fact.action.value} {fact.id}: nothing was struck")
    kept: dict[str, list[StateRow]] = row["kept"]
    for table, rows in kept.items():
        for struck_row in rows:
            state.put(table, struck_row)
    state.drop("struck", row["id"])
    return kept


_OWNER = ("study", "subject")
"""Columns that the state itself gives to every row of a subject."""


def list_rows_about(state: State, table: str, column: str, wanted: str) -> list[StateRow]:
    """The subject's rows of a table that name something, in the order of their ids."""
    found = [row for row in state.rows(table) if row[column] == wanted]
    return sorted(found, key=lambda row: str(row["id"]))


@applies(Action.ENTRY_STRIKE)
def apply_strike(state: State, fact: LedgerRow) -> None:
    """Strike out the entry and its queries; the visit shows what is left."""
    entry_id = fact.new("id")
    kept = {
        "entry": list_rows_about(state, "entry", "id", entry_id),
        "query": list_rows_about(state, "query", "entry", entry_id),
    }
    put_aside(state, fact, "entry", kept)
    _show_in_visit(state, fact, show=remove_entered_form)


@applies(Action.ENTRY_REINSTATE)
def apply_reinstate(state: State, fact: LedgerRow) -> None:
    put_back(state, fact)
    _show_in_visit(state, fact)


applies(Action.DRAFT_TAKE_OVER)(changes_nothing)
applies(Action.DRAFT_DISCARD)(changes_nothing)


BANDS: Mapping[str, int] = {"in_window": 0, "week": 7, "month": 30}
"""How late a form was begun, in bands, each up to a number of days; `later` is what lies beyond."""


@counts("entry")
def count_entry(row: StateRow) -> Iterator[tuple[str, str]]:
    """Count the entry's status, and how late it was begun where a window was planned.

    The visit stands in the name, since one of a single arm may not be counted for everybody.
    """
    place = f"{row['instrument']}.{row['visit_slug']}"
    yield row["site"], f"entry.{place}.{row['status']}"
    if row["days_late"] is not None:
        late = (band for band, days in BANDS.items() if row["days_late"] <= days)
        yield row["site"], f"begun.{place}.{next(late, 'later')}"


mentions(Action.ENTRY_SAVE, Action.ENTRY_NOT_DO, Action.ENTRY_STRIKE, Action.ENTRY_REINSTATE)(
    mention_of_answers
)
mentions(Action.DRAFT_TAKE_OVER, Action.DRAFT_DISCARD)(usual_mention)
