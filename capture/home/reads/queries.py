"""Open queries with the form that holds their value."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from capture.entry.tables import entry
from capture.home.reads.visits import count_rows
from capture.home.reads.workplaces import Workplace
from capture.participants.reads import list_people_by_id
from capture.participants.records import Participant
from capture.queries.reads import OPEN, make_query_condition
from capture.queries.tables import query
from forms.definition import LOG_VISIT

MOST = 10


@dataclass(frozen=True)
class OpenQueryCount:
    """One open query. visit: the id in the form's address, or `log`; slug: which visit it is."""

    person: Participant
    visit: str
    slug: str
    instrument: str
    instance: int
    item: str
    message: str
    opened_at: str


def list_open_queries(
    connection: sa.Connection, place: Workplace
) -> tuple[list[OpenQueryCount], int]:
    """The open queries at somebody's sites, the oldest first, and how many there are in all."""
    wanted = _match_open_queries(place)
    rows = connection.execute(
        sa.select(query, entry.c.visit_slug, entry.c.instrument, entry.c.instance)
        .join(entry, entry.c.id == query.c.entry)
        .where(wanted)
        .order_by(query.c.opened_at, query.c.id)
        .limit(MOST)
    ).all()
    people = list_people_by_id(connection, [row.participant for row in rows])
    found = [
        OpenQueryCount(
            person=people[row.participant],
            visit=row.visit or LOG_VISIT,
            slug=row.visit_slug,
            instrument=row.instrument,
            instance=row.instance,
            item=row.item,
            message=row.message,
            opened_at=row.opened_at,
        )
        for row in rows
    ]
    return found, count_rows(connection, query, wanted, listed=len(rows), most=MOST)


def count_queries_by_site(connection: sa.Connection, place: Workplace) -> dict[str, int]:
    """How many queries are open at each site."""
    rows = connection.execute(
        sa.select(query.c.site, sa.func.count().label("asked"))
        .where(_match_open_queries(place))
        .group_by(query.c.site)
    )
    return {row.site: row.asked for row in rows}


def _match_open_queries(place: Workplace) -> sa.ColumnElement[bool]:
    return sa.and_(
        query.c.study == place.slug,
        query.c.status == OPEN,
        query.c.site.in_(sorted(place.sites)),
        make_query_condition(place.viewer),
    )
