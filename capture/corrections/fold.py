"""Folds visits and participants that are struck out or reinstated into the state."""

from __future__ import annotations

from capture.access import Action
from capture.entry.fold import list_rows_about, put_aside, put_back
from capture.ledger.fold import LedgerRow, State, StateRow, applies
from capture.participants.fold import PLANNED_BLANK
from capture.participants.records import Participation, Status
from capture.visibility import mentions, usual_mention

OF_PERSON = ("consent_event", "dated_fact", "entry", "query", "visit")
"""The tables whose rows are about one person, and are struck out with them."""
_STRUCK_PERSON: StateRow = {
    "status": Status.IN_ERROR.value,
    "state": Participation.ON_STUDY.value,
    "enrolled_on": None,
    "reason_not_enrolled": None,
    "likeness": [],
    "logs": {},
    "open_queries": 0,
    "note": None,
}


@applies(Action.VISIT_STRIKE)
def apply_visit_strike(state: State, fact: LedgerRow) -> None:
    """Strike out the visit's forms; the visit itself is as it was before anything was entered.

    The status says whether it is still planned (`planned`), or was only ever added (`void`).
    """
    (row,) = list_rows_about(state, "visit", "id", fact.new("id"))
    entries = list_rows_about(state, "entry", "visit", row["id"])
    entry_ids = {entry["id"] for entry in entries}
    queries = [
        query
        for name in sorted(entry_ids)
        for query in list_rows_about(state, "query", "entry", name)
    ]
    put_aside(state, fact, "visit", {"visit": [row], "entry": entries, "query": queries})
    person = state.get("participant", fact.subject_id)
    site = person["site"] if person else row["site"]
    state.put("visit", {**row, **PLANNED_BLANK, "status": fact.new("status"), "site": site})


@applies(Action.VISIT_REINSTATE)
def apply_visit_reinstate(state: State, fact: LedgerRow) -> None:
    """Reinstate the visit's forms; target and window are those of the plan now."""
    now = state.get("visit", fact.new("id"))
    (was,) = put_back(state, fact)["visit"]
    if now is not None and was["planned"]:
        planned = ("target", "earliest", "latest", "anchor", "instruments")
        was = {**was, **{name: now[name] for name in planned}}
    state.put("visit", was)


@applies(Action.PARTICIPANT_STRIKE)
def apply_participant_strike(state: State, fact: LedgerRow) -> None:
    """Strike out everything about the person; the numbers stay taken."""
    person = state.get("participant", fact.subject_id)
    if person is None:
        raise LookupError(f"{fact.action.value} {fact.id}: {fact.subject} was never screened")
    everything = {
        table: sorted(state.rows(table), key=lambda row: str(row["id"])) for table in OF_PERSON
    }
    put_aside(state, fact, "participant", {"participant": [person], **everything})
    state.put("participant", {**person, **_STRUCK_PERSON})


@applies(Action.PARTICIPANT_REINSTATE)
def apply_participant_reinstate(state: State, fact: LedgerRow) -> None:
    now = state.get("participant", fact.subject_id)
    (was,) = put_back(state, fact)["participant"]
    if now is not None:
        numbers = ("screening_number", "participant_number")
        state.put("participant", {**was, **{name: now[name] for name in numbers}})


mentions(
    Action.VISIT_STRIKE,
    Action.VISIT_REINSTATE,
    Action.PARTICIPANT_STRIKE,
    Action.PARTICIPANT_REINSTATE,
)(usual_mention)
