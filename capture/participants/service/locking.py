"""Locks a participant's row, and checks what may still be recorded about the person."""

from __future__ import annotations

import sqlalchemy as sa

from capture.access import SYSTEM, Actor
from capture.db import Words
from capture.ledger.service import Transaction
from capture.participants import reads, tables
from capture.participants.event_kinds import ENDINGS
from capture.participants.records import Participant, ParticipantEvent, Participation, Status
from capture.problems import NotFound, Refused
from forms.partial_dates import parse_iso


def lock(
    tx: Transaction, study: str, participant_id: str, *, also_in_error: bool = False
) -> Participant:
    """Lock the participant's row until the transaction ends, and read it again.

    Every write about a participant does this first, so that nothing lands after a withdrawal.
    also_in_error: whether the act is possible about somebody entered in error.
    Raises NotFound for an unknown participant and for one of another site; Refused for one who
    was entered in error.
    """
    wanted = {"study": study, "id": participant_id}
    row = tx.connection.execute(_LOCK, wanted).mappings().one_or_none()
    if row is None or not _has_role_at(tx.actor, study, row["site"]):
        raise NotFound("There is no such participant at your sites. Check the number.")
    person = reads.make_participant(row)
    if person.status == Status.IN_ERROR and not also_in_error:
        raise Refused(
            f"{person.number} was entered in error. Reinstate the participant first, under "
            "“Corrections” on the participant's page."
        )
    return person


_LOCK = (
    sa.select(tables.participant)
    .where(
        tables.participant.c.study == sa.bindparam("study", type_=Words),
        tables.participant.c.id == sa.bindparam("id", type_=Words),
    )
    .with_for_update()
)


def _has_role_at(actor: Actor, study: str, site: str) -> bool:
    return actor.kind == SYSTEM or any(grant.covers(study, site) for grant in actor.grants)


def find_last_day(facts: list[ParticipantEvent]) -> str | None:
    """Return the last day (ISO) for which data may be entered; None while the person takes part."""
    ends = [parse_iso(fact.date).latest for fact in facts if fact.kind in ENDINGS]
    return min(ends).isoformat() if ends else None


def refuse_after_end(tx: Transaction, participant: Participant, on: str) -> None:
    """Refuse data of a day after death or withdrawal; what was due before may be entered late.

    on: the ISO date the new thing belongs to (a visit's target or actual date, an event's date).
    """
    end = find_last_day(reads.list_events(tx.connection, participant.id))
    if end is not None and on > end:
        words = "died" if participant.participation == Participation.DIED else "withdrew"
        raise Refused(
            f"{participant.number} {words} on {parse_iso(end).words}. Only what was due up to that "
            "day can still be entered."
        )


def require_taking_part(participant: Participant) -> None:
    """Refuse actions that need the person; after death or withdrawal only late entry is allowed."""
    if participant.participation in (Participation.DIED, Participation.WITHDRAWN):
        words = "has died" if participant.participation == Participation.DIED else "has withdrawn"
        raise Refused(
            f"{participant.number} {words}. Only late entry of earlier visits is possible now."
        )
