"""Enters a participant lost by a restore again, with the id and numbers of a signed receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import event_kinds, tables
from capture.participants.records import Participant, Status
from capture.participants.service.facts import as_item, make_fact
from capture.participants.service.locking import lock
from capture.study.service.acts import bind_act
from forms.definition import Study

RESTORED = "-R"
"""The suffix of a number that was given to another person between the restore and now."""
REASON = "Lost by a restore; stands again from the signed receipt of the allocation."


@dataclass(frozen=True)
class LostParticipant:
    """The participant of a receipt. Dates are ISO; numbers as they were printed."""

    id: str
    site: str
    screening_number: str
    participant_number: str | None
    screened_on: str
    enrolled_on: str | None

    @classmethod
    def of(cls, receipt: Mapping[str, Any]) -> LostParticipant:
        names = ("site", "screening_number", "participant_number", "screened_on", "enrolled_on")
        return cls(id=receipt["participant"], **{name: receipt[name] for name in names})


def reenter_participant(
    tx: Transaction, study: Study, receipt: Mapping[str, Any], *, role: str
) -> Participant:
    """Make sure that the participant of a receipt exists and is enrolled; returns the locked row.

    receipt: genuine (the caller has checked its signature). role: of whoever reconciles.
    What was entered about the person since the backup is not in a receipt and stays lost. A number
    that somebody else got meanwhile gets the suffix -R.
    """
    lost = LostParticipant.of(receipt)
    row = tx.connection.execute(
        sa.select(tables.participant.c.status).where(tables.participant.c.id == lost.id)
    ).one_or_none()
    if row is None:
        _screen(tx, study, lost, role)
    if row is None or row.status != Status.ENROLLED:
        _enrol(tx, study, lost, role)
    return lock(tx, study.slug, lost.id)


def _screen(tx: Transaction, study: Study, lost: LostParticipant, role: str) -> None:
    number = _find_free_number(
        tx, study, tables.participant.c.screening_number, lost.screening_number
    )
    body = {
        "site": lost.site,
        "screening_number": number,
        "screened_on": lost.screened_on,
        "source": None,
        "age_band": None,
        "episode": 1,
        "earlier_episode": None,
        "events": [as_item(make_fact(event_kinds.SCREENING, lost.screened_on))],
    }
    act = bind_act(tx, f"participant/{lost.id}", study=study.slug, role=role)
    act.record(Action.PARTICIPANT_SCREEN, body, reason=REASON)


def _enrol(tx: Transaction, study: Study, lost: LostParticipant, role: str) -> None:
    person = lock(tx, study.slug, lost.id)
    printed = lost.participant_number or lost.screening_number
    enrolled_on = lost.enrolled_on or lost.screened_on
    body = {
        "status": Change(person.status.value, Status.ENROLLED.value),
        "participant_number": _find_free_number(
            tx, study, tables.participant.c.participant_number, printed
        ),
        "enrolled_on": enrolled_on,
        "duplicate_keys": [],
        "events": [as_item(make_fact(event_kinds.ENROLMENT, enrolled_on))],
    }
    act = bind_act(tx, person, role=role)
    act.record(Action.PARTICIPANT_ENROL, body, reason=REASON)


def _find_free_number(tx: Transaction, study: Study, column: sa.Column[Any], number: str) -> str:
    table, former = tables.participant, tables.former_number.c
    in_use = sa.select(column).where(table.c.study == study.slug, column.is_not(None))
    once = sa.select(former.number).where(former.study == study.slug)
    taken = {*tx.connection.execute(in_use).scalars(), *tx.connection.execute(once).scalars()}
    while number in taken:
        number += RESTORED
    return number
