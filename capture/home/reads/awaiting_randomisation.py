"""Who is on the way to an allocation, and who is still to be told of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from capture.home.reads.visits import count_rows
from capture.home.reads.workplaces import Workplace
from capture.participants import event_kinds
from capture.participants.reads import list_people_by_id, make_participant
from capture.participants.records import Participant, Participation, Status
from capture.participants.tables import participant, participant_event
from capture.randomisation.allocation.service.allocation_notes import TO_BE_TOLD
from capture.randomisation.tables import allocation

MOST = 12
MOST_JUDGED = 100
"""How many of those who are not randomised are looked at for what they still need."""


@dataclass(frozen=True)
class UnnotifiedRow:
    """An allocation of which not everybody knows yet. missing: who is to be told, in words."""

    person: Participant
    randomisation: str
    missing: tuple[str, ...]


def list_not_allocated(
    connection: sa.Connection, place: Workplace, randomisation: str
) -> tuple[list[Participant], int]:
    """Who is screened or enrolled and not randomised, the newest first, and how many in all."""
    known = sa.exists().where(
        participant_event.c.participant == participant.c.id,
        participant_event.c.kind == event_kinds.allocation(randomisation),
    )
    statuses = (Status.SCREENED, Status.ENROLLED)
    sites = sorted(place.sites)
    return _list_taking_part(connection, place, statuses, sites, without=known, most=MOST_JUDGED)


def list_without_cohort(
    connection: sa.Connection, place: Workplace, status: Status, sites: Collection[str]
) -> tuple[list[Participant], int]:
    """Who of a status at some sites has no cohort recorded, the newest first, and how many."""
    known = participant.c.cohort.is_not(None)
    return _list_taking_part(connection, place, (status,), sites, without=known)


def _list_taking_part(
    connection: sa.Connection,
    place: Workplace,
    statuses: Sequence[Status],
    sites: Collection[str],
    *,
    without: sa.ColumnElement[bool],
    most: int = MOST,
) -> tuple[list[Participant], int]:
    wanted = sa.and_(
        participant.c.study == place.slug,
        participant.c.site.in_(sorted(sites)),
        participant.c.status.in_([status.value for status in statuses]),
        participant.c.participation == Participation.ON_STUDY.value,
        sa.not_(without),
    )
    rows = connection.execute(
        sa.select(participant)
        .where(wanted)
        .order_by(participant.c.screened_on.desc(), participant.c.screening_number.desc())
        .limit(most)
    )
    found = [make_participant(row) for row in rows.mappings()]
    return found, count_rows(connection, participant, wanted, listed=len(found), most=most)


def list_unnotified(
    connection: sa.Connection, place: Workplace, most: int = MOST
) -> tuple[list[UnnotifiedRow], int]:
    """Allocations of which somebody is still to be told, the newest first, and how many in all."""
    is_sqlite = connection.dialect.name == "sqlite"
    length = sa.func.json_array_length if is_sqlite else sa.func.jsonb_array_length
    wanted = sa.and_(
        allocation.c.study == place.slug,
        allocation.c.site.in_(sorted(place.sites)),
        # Telling somebody twice is noted once, so the length says how many know.
        length(allocation.c.notified) < len(TO_BE_TOLD),
    )
    rows = connection.execute(
        sa.select(allocation.c.participant, allocation.c.randomisation, allocation.c.notified)
        .where(wanted)
        .order_by(allocation.c.at.desc(), allocation.c.id)
        .limit(most)
    ).all()
    people = list_people_by_id(connection, [row.participant for row in rows])
    found = [
        UnnotifiedRow(
            people[row.participant],
            row.randomisation,
            _list_unnotified_parties({notification["who"] for notification in row.notified}),
        )
        for row in rows
    ]
    return found, count_rows(connection, allocation, wanted, listed=len(rows), most=most)


def _list_unnotified_parties(told: set[str]) -> tuple[str, ...]:
    return tuple(words for who, words in TO_BE_TOLD.items() if who not in told)
