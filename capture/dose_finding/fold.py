"""How each action of dose finding changes the state, as pure functions of its ledger row."""

from __future__ import annotations

from capture.access import Action
from capture.dose_finding.tables import DOSE_DECISION, DOSE_SLOT
from capture.ledger.fold import LedgerRow, State, applies
from capture.visibility import Mention, mentions, mentions_nothing


@applies(Action.DOSE_REGISTER)
def apply_registration(state: State, fact: LedgerRow) -> None:
    gate = fact.new("gate")
    DOSE_SLOT.put(
        state,
        {
            "id": fact.new("id"),
            "site": fact.new("site"),
            "part": fact.new("part"),
            "number": fact.new("number"),
            "level": fact.new("level"),
            "after": fact.new("after"),
            "local_date": fact.new("local_date"),
            # A redaction removes the whole record of the gate.
            "gate": gate if isinstance(gate, list) else [],
            "participant": fact.subject_id,
            "at": fact.at,
            "by": fact.actor,
            "outcome": None,
            "outcome_date": None,
            "met": None,
            "note": None,
            "recorded_by": None,
            "recorded_at": None,
        },
    )


@applies(Action.DOSE_RECORD_OUTCOME)
def apply_outcome(state: State, fact: LedgerRow) -> None:
    """Set an outcome, or its correction; the ledger keeps every earlier outcome."""
    row = DOSE_SLOT.get(state, fact.new("id"))
    if row is None:
        return
    DOSE_SLOT.put(
        state,
        {
            **row,
            "outcome": fact.new("outcome"),
            "outcome_date": fact.new("outcome_date"),
            "met": fact.new("met"),
            "note": fact.new("note"),
            "recorded_by": fact.actor,
            "recorded_at": fact.at,
        },
    )


@applies(Action.DOSE_DECIDE)
def apply_decision(state: State, fact: LedgerRow) -> None:
    DOSE_DECISION.put(
        state,
        {
            "id": fact.new("id"),
            "number": fact.new("number"),
            "choice": fact.new("choice"),
            "level": fact.new("level"),
            "until": fact.new("until"),
            "advised": fact.new("advised"),
            "state": fact.new("state"),
            "committee": fact.new("committee"),
            "part": fact.subject_id,
            "reason": fact.reason,
            "study_version": fact.study_version,
            "by": fact.actor,
            "at": fact.at,
            "reopened_at": None,
            "reopened_reason": None,
        },
    )


@applies(Action.DOSE_REOPEN)
def apply_reopening(state: State, fact: LedgerRow) -> None:
    """Reopen a signed decision after an outcome that it was based on has changed."""
    row = DOSE_DECISION.get(state, fact.new("id"))
    if row is not None:
        why = fact.new("reason")
        DOSE_DECISION.put(state, {**row, "reopened_at": fact.at, "reopened_reason": why})


mentions_nothing(Action.DOSE_REGISTER)


@mentions(Action.DOSE_RECORD_OUTCOME, Action.DOSE_DECIDE, Action.DOSE_REOPEN)
def mention_of_level(_fact: LedgerRow) -> Mention:
    """These rows tell dose levels: outcomes and decisions determine the next level."""
    return Mention(tells_level=True)
