"""The effects of an allocation: an event of the participant, and the visits anchored on it."""

from __future__ import annotations

from capture.entry.service import make_condition_check
from capture.ledger.service import Transaction
from capture.participants import event_kinds
from capture.participants import service as participants
from capture.participants.records import Participant
from forms.definition import Study


def follow_allocation(
    tx: Transaction, study: Study, person: Participant, name: str, *, day: str, arm: str
) -> None:
    """Record the allocation as an event and plan the visits anchored on it.

    person: locked by the caller. day: the local ISO date of the allocation.
    """
    participants.note_fact(tx, person, event_kinds.allocation(name), day, value=arm)
    participants.plan_visits(tx, person, holds=make_condition_check(tx, study, person.id))
