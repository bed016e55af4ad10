"""What saving, and not doing, an instrument does to its entry, as pure functions of the fact.

An entry.save fact carries one body item per changed item of the instrument, named `item:<name>`
with the old and the new cell, beside the entry's key and outcome (status, version, flags) and what
its visit shows of it: `form_status` over all instances, how many `instances`, the `actual_date`.
Where an item names an attached file for the first time, `file:<name>` is the id of its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from capture.access import Action
from capture.ledger.fold import Fact, Row, State, applies, changes_nothing, counts
from capture.participants.fold import form_entered

ITEM = "item:"
FILE = "file:"
KEY = ("site", "visit", "visit_slug", "occurrence", "instrument", "instance")
OUTCOME = ("version", "status", "assessment_date", "completed_at", "flags")


@applies(Action.ENTRY_SAVE)
def saved(state: State, fact: Fact) -> None:
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
        },
    )
    _show_in_visit(state, fact)


@applies(Action.ENTRY_NOT_DO)
def not_done(state: State, fact: Fact) -> None:
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
        },
    )
    _show_in_visit(state, fact)


def _show_in_visit(state: State, fact: Fact) -> None:
    form_entered(
        state,
        fact.subject_id,
        fact.new("visit"),
        instrument=fact.new("instrument"),
        status=fact.new("form_status"),
        instances=fact.new("instances"),
        actual_date=fact.new("actual_date"),
    )


applies(Action.DRAFT_TAKE_OVER)(changes_nothing)
applies(Action.DRAFT_DISCARD)(changes_nothing)


@counts("entry")
def count_entry(row: Row) -> Iterator[tuple[str, str]]:
    yield row["site"], f"entry.{row['instrument']}.{row['status']}"
