"""What striking a visit or a participant does, and taking that back, as pure functions."""

from __future__ import annotations

from capture.access import Action
from capture.entry.fold import list_rows_about, put_aside, put_back
from capture.entry.tables import ENTRY
from capture.ledger.fold import LedgerRow, State, applies
from capture.participants.fold import clear_visit
from capture.participants.records import Participation, Status
from capture.participants.tables import PARTICIPANT, VISIT
from capture.queries.tables import QUERY
from capture.visibility import mentions, usual_mention

OF_PERSON = ("consent_event", "participant_event", "entry", "query", "visit")
"""The tables whose rows are about one person and count while the person does."""


@applies(Action.VISIT_MARK_IN_ERROR)
def apply_visit_strike(state: State, fact: LedgerRow) -> None:
    """The visit's forms count no more; the visit itself is as it was before anything was entered.

    The status says whether it is still planned (`planned`), or was only ever added (`void`).
    """
    (row,) = list_rows_about(state, VISIT, "id", fact.new("id"))
    entries = list_rows_about(state, ENTRY, "visit", row["id"])
    mine = {entry["id"] for entry in entries}
    asked = [
        query for name in sorted(mine) for query in list_rows_about(state, QUERY, "entry", name)
    ]
    put_aside(state, fact, "visit", {"visit": [row], "entry": entries, "query": asked})
    person = PARTICIPANT.get(state, fact.subject_id)
    site = person["site"] if person else row["site"]
    VISIT.put(state, {**clear_visit(row), "status": fact.new("status"), "site": site})


@applies(Action.VISIT_REINSTATE)
def apply_visit_reinstate(state: State, fact: LedgerRow) -> None:
    """The forms count again; target and window are those that the plan has by now."""
    now = VISIT.get(state, fact.new("id"))
    put_back(state, fact)
    was = VISIT.get(state, fact.new("id"))
    if now is not None and was is not None and was["planned"]:
        VISIT.put(
            state,
            {
                **was,
                "target_date": now["target_date"],
                "earliest": now["earliest"],
                "latest": now["latest"],
                "anchor": now["anchor"],
                "instruments": now["instruments"],
            },
        )


@applies(Action.PARTICIPANT_MARK_IN_ERROR)
def apply_participant_strike(state: State, fact: LedgerRow) -> None:
    """Everything about the person counts no more; the numbers stay taken."""
    person = PARTICIPANT.get(state, fact.subject_id)
    if person is None:
        raise LookupError(f"{fact.action.value} {fact.id}: {fact.subject} was never screened")
    everything = {
        table: sorted(state.rows(table), key=lambda row: str(row["id"])) for table in OF_PERSON
    }
    put_aside(state, fact, "participant", {"participant": [person], **everything})
    PARTICIPANT.put(
        state,
        {
            **person,
            "status": Status.IN_ERROR.value,
            "participation": Participation.ON_STUDY.value,
            "enrolled_on": None,
            "reason_not_recruited": None,
            "duplicate_keys": [],
            "logs": {},
            "open_queries": 0,
            "note": None,
        },
    )


@applies(Action.PARTICIPANT_REINSTATE)
def apply_participant_reinstate(state: State, fact: LedgerRow) -> None:
    now = PARTICIPANT.get(state, fact.subject_id)
    put_back(state, fact)
    was = PARTICIPANT.get(state, fact.subject_id)
    if now is not None and was is not None:
        PARTICIPANT.put(
            state,
            {
                **was,
                "screening_number": now["screening_number"],
                "participant_number": now["participant_number"],
            },
        )


mentions(
    Action.VISIT_MARK_IN_ERROR,
    Action.VISIT_REINSTATE,
    Action.PARTICIPANT_MARK_IN_ERROR,
    Action.PARTICIPANT_REINSTATE,
)(usual_mention)
