"""The list of participants with their visits, filtered and in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor
from capture.participants import tables
from capture.participants.reads.people import participant_from, visit_from
from capture.participants.rows import Participant, Status, Visit, VisitStatus
from capture.study import reads as study_reads

PER_PAGE = 50
DUE, OVERDUE, QUERY = "due", "overdue", "query"


@dataclass(frozen=True)
class Filters:
    """What to show; empty means all. text: part of a number; attention: due, overdue or query.

    cohort: only for who may see cohorts; the caller asks.
    """

    text: str = ""
    site: str = ""
    status: str = ""
    attention: str = ""
    cohort: str = ""


@dataclass(frozen=True)
class Line:
    """One participant of the list; `today` is the date at the participant's site."""

    participant: Participant
    visits: tuple[Visit, ...]
    today: date


@dataclass(frozen=True)
class Page:
    """A page of the list; `total` counts all that pass the filters."""

    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


def participants(
    connection: sa.Connection,
    actor: Actor,
    study: str,
    filters: Filters,
    page: int = 1,
    *,
    unseen: frozenset[str] = frozenset(),
) -> Page:
    """The participants at the actor's sites that pass the filters, by number, 50 a page.

    unseen: visits that the actor is not shown; no filter looks at them, nor at queries then.
    """
    today = _today_by_site(connection, actor, study)
    wanted = sa.and_(*_conditions(actor, study, filters, today, unseen))
    table = tables.participant
    counted = sa.select(sa.func.count()).select_from(table).where(wanted)
    total = connection.execute(counted).scalar_one()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = connection.execute(
        sa.select(table)
        .where(wanted)
        .order_by(table.c.site, table.c.screening_number)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    people = [participant_from(row) for row in rows.mappings()]
    theirs = _visits_of(connection, [person.id for person in people])
    lines = tuple(Line(one, tuple(theirs[one.id]), today[one.site]) for one in people)
    return Page(lines, total, page, pages)


def _today_by_site(connection: sa.Connection, actor: Actor, study: str) -> dict[str, date]:
    sites = study_reads.sites(connection, actor, study)
    return {site.slug: clock.today(site.zone) for site in sites}


def _conditions(
    actor: Actor,
    study: str,
    filters: Filters,
    today: Mapping[str, date],
    unseen: frozenset[str],
) -> list[sa.ColumnElement[bool]]:
    table = tables.participant
    found = [table.c.study == study, table.c.site.in_(_visible(actor, study, today))]
    if filters.text:
        found.append(_holds(filters.text))
    elif filters.status != Status.IN_ERROR:
        found.append(table.c.status != Status.IN_ERROR.value)
    if filters.site:
        found.append(table.c.site == filters.site)
    if filters.status:
        found.append(sa.or_(table.c.status == filters.status, table.c.state == filters.status))
    if filters.cohort:
        found.append(table.c.cohort == filters.cohort)
    if filters.attention == QUERY:
        found.append(sa.false() if unseen else table.c.open_queries > 0)
    elif filters.attention in (DUE, OVERDUE):
        found.append(_has_visit(filters.attention, today, unseen))
    return found


def _visible(actor: Actor, study: str, today: Mapping[str, date]) -> list[str]:
    mine = None if actor.kind == SYSTEM else actor.sites_for(Action.PARTICIPANT_VIEW, study)
    return [site for site in today if mine is None or site in mine]


def _holds(text: str) -> sa.ColumnElement[bool]:
    table = tables.participant
    text = text.strip().replace("\x00", "")
    return sa.or_(
        table.c.screening_number.icontains(text, autoescape=True),
        sa.func.coalesce(table.c.participant_number, "").icontains(text, autoescape=True),
        sa.exists().where(
            tables.former_number.c.participant == table.c.id,
            tables.former_number.c.number.icontains(text, autoescape=True),
        ),
    )


def _has_visit(
    attention: str, today: Mapping[str, date], unseen: frozenset[str]
) -> sa.ColumnElement[bool]:
    """A visit that is due or overdue, begun or not, on the date of its own site.

    Of somebody who was not enrolled nothing is waited for.
    """
    by_date: dict[str, list[str]] = defaultdict(list)
    for site, day in today.items():
        by_date[day.isoformat()].append(site)
    waits = sa.exists().where(
        tables.visit.c.participant == tables.participant.c.id,
        tables.visit.c.slug.not_in(sorted(unseen)),
        tables.visit.c.status.in_((VisitStatus.PLANNED.value, VisitStatus.IN_PROGRESS.value)),
        sa.or_(sa.false(), *(_is(attention, day, sites) for day, sites in by_date.items())),
    )
    return sa.and_(tables.participant.c.status != Status.NOT_ENROLLED.value, waits)


def _is(attention: str, day: str, sites: Sequence[str]) -> sa.ColumnElement[bool]:
    table = tables.visit
    if attention == OVERDUE:
        return sa.and_(table.c.site.in_(sites), table.c.latest < day)
    return sa.and_(table.c.site.in_(sites), table.c.earliest <= day, table.c.latest >= day)


def _visits_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Visit]]:
    table = tables.visit
    rows = connection.execute(
        sa.select(table)
        .where(table.c.participant.in_(ids), table.c.status != VisitStatus.VOID.value)
        .order_by(sa.func.coalesce(table.c.target, ""), table.c.slug, table.c.occurrence)
    )
    found: dict[str, list[Visit]] = defaultdict(list)
    for row in rows.mappings():
        found[row["participant"]].append(visit_from(row))
    return found
