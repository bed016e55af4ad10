"""Records a participant's outcome at a dose level, and reopens a decision when it comes late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from capture import clock
from capture.access import Action
from capture.dose_finding import reads
from capture.dose_finding.reads import DoseOutcome, DoseStanding, Slot
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.service.dates import refuse_future
from capture.problems import InvalidInput, Refused
from capture.study.service.turns import take_turn
from capture.visibility import get_viewer
from forms.definition import Study

MOST_LETTERS = 500


@dataclass(frozen=True)
class OutcomeResult:
    """An outcome as typed. outcome: a DoseOutcome. day: ISO, of the DLT, else of the window's end.

    met: yes or no, empty where the part has no second condition. note: what the DLT was, or why
    the participant is not evaluable; day is then the day of that reason.
    """

    outcome: str
    day: str
    met: str
    note: str


def record_outcome(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    said: OutcomeResult,
    reason: str = "",
) -> Slot:
    """Record an outcome, or correct it with a reason.

    The last decision is reopened for review when it was based on this participant and a DLT is
    recorded, or an outcome is corrected.
    Raises NotFound, NotAllowed, InvalidInput (outcome, day, met, note, reason), Refused.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.DOSE_RECORD_OUTCOME)
    get_viewer(tx.actor, study, person.site).require_levels()
    take_turn(tx, study.slug)
    slot = reads.find_slot(tx.connection, study.slug, participant, name)
    if slot is None:
        raise Refused(f"{person.number} is not registered at a dose level.")
    today = people.get_today_at(tx.connection, study.slug, person.site)
    before = reads.get_standing(tx.connection, study, name, today)
    refuse_future(tx, study.slug, person.site, "day", said.day)
    new = _check_result(before, slot, said)
    old = (slot.outcome, slot.outcome_date, slot.met, slot.note)
    if old == new:
        raise Refused("This is what is recorded. Nothing was changed.")
    if slot.outcome is not None and not reason.strip():
        raise InvalidInput("reason", "Give the reason for the correction.")
    names = ("outcome", "outcome_date", "met", "note")
    changes = {key: Change(was, now) for key, was, now in zip(names, old, new, strict=True)}
    act.record(
        Action.DOSE_RECORD_OUTCOME,
        {"id": slot.id, "part": name, **changes},
        reason=reason.strip(),
        occurred_at=said.day,
    )
    _alert(tx, study, before, slot, outcome=said.outcome, study_version=study_version)
    return slot


Said = tuple[str, str, bool | None, str]


def _check_result(standing: DoseStanding, slot: Slot, said: OutcomeResult) -> Said:
    if said.outcome not in list(DoseOutcome):
        raise InvalidInput("outcome", "Choose the outcome of the participant.")
    _check_day(standing, slot, said)
    note = said.note.strip()
    if len(note) > MOST_LETTERS:
        words = f"That is {len(note)} characters; shorten it to {MOST_LETTERS}."
        raise InvalidInput("note", words)
    if said.outcome != DoseOutcome.NO_DLT and not note:
        missing = "what the DLT was"
        if said.outcome == DoseOutcome.NOT_EVALUABLE:
            missing = "why the participant is not evaluable"
        raise InvalidInput("note", f"Say {missing}.")
    return said.outcome, said.day, _read_met(standing, said), note


def _check_day(standing: DoseStanding, slot: Slot, said: OutcomeResult) -> None:
    first = date.fromisoformat(slot.local_date)
    end = first + timedelta(days=standing.part.window_days)
    day = date.fromisoformat(said.day)
    if day < first:
        words = f"This lies before the registration on {clock.day_words(slot.local_date)}."
        raise InvalidInput("day", words)
    last = clock.day_words(end.isoformat())
    if said.outcome == DoseOutcome.DLT and day > end:
        raise InvalidInput("day", f"The window for a DLT ended on {last}.")
    if said.outcome == DoseOutcome.NO_DLT and day < end:
        words = f"The window for a DLT ends on {last}. Record “No DLT” from then on."
        raise InvalidInput("day", words)


def _read_met(standing: DoseStanding, said: OutcomeResult) -> bool | None:
    condition = standing.part.second_condition
    if condition is None or said.outcome == DoseOutcome.NOT_EVALUABLE:
        return None
    if said.met not in ("yes", "no"):
        raise InvalidInput("met", f"Say whether this was met: {condition.met}.")
    return said.met == "yes"


def _alert(
    tx: Transaction,
    study: Study,
    before: DoseStanding,
    slot: Slot,
    *,
    outcome: str,
    study_version: int,
) -> None:
    """Reopen the last decision when it was based on another outcome of this participant."""
    last = before.last
    rested = last is not None and slot.after < last.number
    if last is None or not rested or before.is_reopened:
        return
    if outcome == DoseOutcome.DLT:
        why = f"A DLT came late for number {slot.number}, at level {slot.level}."
    elif slot.outcome is not None:
        why = f"The outcome of number {slot.number}, at level {slot.level}, was corrected."
    else:
        return
    tx.about(f"dose/{before.part.name}", study=study.slug, study_version=study_version).record(
        Action.DOSE_REOPEN, {"id": last.id, "reason": why}
    )
