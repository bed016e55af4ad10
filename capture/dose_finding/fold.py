"""What each act of dose finding does to the state, as pure functions of its fact."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies
from capture.visibility import Mention, mentions, mentions_nothing

JUDGED = ("outcome", "outcome_date", "met", "note")


@applies(Action.DOSE_REGISTER)
def apply_registration(state: State, fact: LedgerRow) -> None:
    taken = ("id", "site", "part", "number", "level", "after", "local_date")
    gate = fact.new("gate")
    state.put(
        "dose_slot",
        {
            **{name: fact.new(name) for name in taken},
            # A redaction takes the whole record of the gate out.
            "gate": gate if isinstance(gate, list) else [],
            "participant": fact.subject_id,
            "at": fact.at,
            "by": fact.actor,
            **dict.fromkeys((*JUDGED, "judged_by", "judged_at")),
        },
    )


@applies(Action.DOSE_JUDGE)
def apply_outcome(state: State, fact: LedgerRow) -> None:
    """An outcome, or its correction; the ledger keeps every earlier one."""
    row = state.get("dose_slot", fact.new("id"))
    if row is None:
        return
    said = {name: fact.new(name) for name in JUDGED}
    state.put("dose_slot", {**row, **said, "judged_by": fact.actor, "judged_at": fact.at})


@applies(Action.DOSE_DECIDE)
def apply_decision(state: State, fact: LedgerRow) -> None:
    taken = ("id", "number", "choice", "level", "until", "advised", "state", "committee")
    state.put(
        "dose_decision",
        {
            **{name: fact.new(name) for name in taken},
            "part": fact.subject_id,
            "why": fact.reason,
            "study_version": fact.study_version,
            "by": fact.actor,
            "at": fact.at,
            "reopened_at": None,
            "reopened_why": None,
        },
    )


@applies(Action.DOSE_REOPEN)
def apply_reopening(state: State, fact: LedgerRow) -> None:
    """An alert: what a signed decision rested on is not so any more."""
    row = state.get("dose_decision", fact.new("id"))
    if row is not None:
        alert = {"reopened_at": fact.at, "reopened_why": fact.new("why")}
        state.put("dose_decision", {**row, **alert})


mentions_nothing(Action.DOSE_REGISTER)


@mentions(Action.DOSE_JUDGE, Action.DOSE_DECIDE, Action.DOSE_REOPEN)
def mention_of_level(_fact: LedgerRow) -> Mention:
    """From outcomes and decisions follows the level that is given next."""
    return Mention(tells_level=True)
