"""What an allocation leads to: a dated fact, and the visits that hang on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from capture import clock
from capture.entry.reads import dossier
from capture.ledger.service import Transaction
from capture.participants import kinds
from capture.participants import service as participants
from capture.participants.rows import Participant
from forms.definition import Study
from forms.formulas import three_valued
from forms.scopes import StudyScope


def follow_allocation(
    tx: Transaction, study: Study, person: Participant, name: str, *, day: str, arm: str
) -> None:
    """Note the allocation as a dated fact and plan the visits anchored on it.

    person: locked before. day: the local ISO date of the allocation.
    """
    participants.note_fact(tx, person, kinds.allocation(name), day, value=arm)
    participants.plan_visits(tx, person, holds=_conditions(tx, study, person.id))


def _conditions(tx: Transaction, study: Study, participant: str) -> Callable[[str], bool]:
    """What visits' conditions say now; nothing is read for a study whose visits have none."""

    @cache
    def scope() -> StudyScope:
        return dossier(tx.connection, study, participant).scope(clock.now())

    def holds(condition: str) -> bool:
        found = three_valued(condition, scope())
        return isinstance(found, float | bool) and bool(found)

    return holds
