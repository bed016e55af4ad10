"""The visits that wait: overdue, due soon, appointed; found by the index of what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from capture.home.reads.workplaces import Workplace
from capture.participants.reads import list_people_by_id
from capture.participants.reads.people import make_visit
from capture.participants.records import Participant, Status, Visit, VisitStatus
from capture.participants.tables import participant, visit

OPEN = (VisitStatus.PLANNED.value, VisitStatus.IN_PROGRESS.value)
SOON = timedelta(days=6)
"""Today and the six days after it are this week."""
APPOINTED = timedelta(days=14)
MOST = 50

Condition = Callable[[date], Sequence[sa.ColumnElement[bool]]]


@dataclass(frozen=True)
class VisitToDo:
    """A visit that waits, whose it is, and the date at the site."""

    person: Participant
    visit: Visit
    today: date


def list_overdue_visits(connection: sa.Connection, place: Workplace) -> tuple[list[VisitToDo], int]:
    """Visits whose window has passed, the oldest first, and how many there are in all."""
    return _list_visits(connection, place, is_overdue, visit.c.latest)


def list_due_visits(connection: sa.Connection, place: Workplace) -> tuple[list[VisitToDo], int]:
    """Visits whose window is open this week, the first to close first, and how many in all."""
    widest = place.widest_window

    def is_due(today: date) -> Sequence[sa.ColumnElement[bool]]:
        soon = today + SOON
        # No visit that opens by then closes later than this, so the index need not go further.
        return (
            visit.c.latest >= today.isoformat(),
            visit.c.latest <= (soon + widest).isoformat(),
            visit.c.earliest <= soon.isoformat(),
        )

    return _list_visits(connection, place, is_due, visit.c.latest)


def list_booked_visits(connection: sa.Connection, place: Workplace) -> tuple[list[VisitToDo], int]:
    """Visits with an appointment in the next two weeks, in the order of the appointments."""

    def is_appointed(today: date) -> Sequence[sa.ColumnElement[bool]]:
        end = today + APPOINTED + timedelta(days=1)
        appointment = visit.c.appointment
        return appointment >= today.isoformat(), appointment < end.isoformat()

    return _list_visits(connection, place, is_appointed, visit.c.appointment)


def count_overdue_by_site(connection: sa.Connection, place: Workplace) -> dict[str, int]:
    """How many visits are overdue at each site."""
    wanted = is_open_visit(place, is_overdue)
    rows = connection.execute(
        sa.select(visit.c.site, sa.func.count().label("late")).where(wanted).group_by(visit.c.site)
    )
    return {row.site: row.late for row in rows}


def is_overdue(today: date) -> Sequence[sa.ColumnElement[bool]]:
    return (visit.c.latest < today.isoformat(),)


def is_open_visit(place: Workplace, condition: Condition) -> sa.ColumnElement[bool]:
    """The open visits that fulfil a condition on the date at their own site.

    Of somebody who was not enrolled nothing is waited for, though what was begun stays as it is.
    """
    by_day = (
        sa.and_(visit.c.site.in_(sites), *condition(day)) for day, sites in place.days().items()
    )
    here = (
        visit.c.study == place.slug,
        visit.c.status.in_(OPEN),
        place.viewer.visit_condition(visit.c.slug),
    )
    stays_out = sa.exists().where(
        participant.c.id == visit.c.participant,
        participant.c.status == Status.NOT_ENROLLED.value,
    )
    return sa.and_(*here, sa.or_(sa.false(), *by_day), sa.not_(stays_out))


def _list_visits(
    connection: sa.Connection,
    place: Workplace,
    condition: Condition,
    order: sa.ColumnElement[str],
) -> tuple[list[VisitToDo], int]:
    wanted = is_open_visit(place, condition)
    rows = connection.execute(
        sa.select(visit).where(wanted).order_by(order, visit.c.id).limit(MOST)
    ).mappings()
    visits = [make_visit(row) for row in rows]
    people = list_people_by_id(connection, [row.participant for row in visits])
    found = [
        VisitToDo(people[row.participant], shown, place.today(row.site))
        for row in visits
        for shown in place.viewer.at(people[row.participant].site).shown_visits([row])
    ]
    return found, count_rows(connection, visit, wanted, listed=len(visits), most=MOST)


def count_rows(
    connection: sa.Connection,
    table: sa.Table,
    wanted: sa.ColumnElement[bool],
    *,
    listed: int,
    most: int,
) -> int:
    """How many rows there are in all: counted only where a list had to end at its most."""
    if listed < most:
        return listed
    counted = sa.select(sa.func.count()).select_from(table).where(wanted)
    return int(connection.execute(counted).scalar_one())
