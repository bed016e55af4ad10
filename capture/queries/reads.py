"""Queries about values: those of one entry, and the open ones at the actor's sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.access import SYSTEM, Action, Actor
from capture.db import Words
from capture.participants.reads.lists import register_query_condition
from capture.participants.records import Participant
from capture.participants.tables import participant, visit
from capture.queries.tables import query
from capture.visibility import Viewer

OPEN, CLOSED = "open", "closed"
CONFIRMED, CORRECTED, NOT_DONE = "confirmed", "corrected", "not done"
IN_ERROR = "entered in error"
MOST_LISTED = 200


@dataclass(frozen=True)
class Query:
    """A question about a value; `key` identifies the values, so that it is asked only once."""

    id: str
    study: str
    participant: str
    site: str
    visit: str | None
    entry: str
    item: str
    kind: str
    message: str
    key: str
    status: str
    answer: str | None
    opened_at: str
    closed_at: str | None

    @property
    def is_open(self) -> bool:
        return self.status == OPEN

    @property
    def is_confirmed(self) -> bool:
        """Whether somebody said that the value stands."""
        return self.answer == CONFIRMED


def make_query(row: Mapping[Any, Any]) -> Query:
    return Query(**{name: value for name, value in row.items() if name != "subject"})


def list_queries(connection: sa.Connection, entry_id: str) -> list[Query]:
    """Return every query ever opened about an entry, oldest first."""
    rows = connection.execute(_OF_ENTRY, {"entry": entry_id})
    return [make_query(row) for row in rows.mappings()]


def list_open_about(connection: sa.Connection, person: Participant, kind: str) -> list[Query]:
    """Return the open queries of one kind about a participant."""
    rows = connection.execute(
        sa.select(query)
        .where(
            query.c.study == person.study,
            query.c.status == OPEN,
            query.c.site == person.site,
            query.c.participant == person.id,
            query.c.kind == kind,
        )
        .order_by(query.c.opened_at, query.c.id)
    )
    return [make_query(row) for row in rows.mappings()]


@register_query_condition
def has_open_query(viewer: Viewer) -> sa.ColumnElement[bool]:
    """That a participant has an open query that the viewer may know of."""
    return sa.exists().where(
        query.c.participant == participant.c.id,
        query.c.study == participant.c.study,
        query.c.site == participant.c.site,
        query.c.status == OPEN,
        make_query_condition(viewer),
    )


def make_query_condition(viewer: Viewer) -> sa.ColumnElement[bool]:
    """That a query is about an item and a visit that the viewer may see."""
    if viewer.withheld.is_empty:
        return sa.true()
    withheld = sa.select(visit.c.id).where(sa.not_(viewer.visit_condition(visit.c.slug)))
    return sa.and_(
        viewer.item_condition(query.c.item),
        sa.func.coalesce(query.c.visit, "").not_in(withheld),
    )


def list_open_queries_at(
    connection: sa.Connection, actor: Actor, study: str, viewer: Viewer
) -> list[Query]:
    """The open queries at the sites where the actor sees entries, oldest first; at most 200."""
    statement = sa.select(query).where(
        query.c.study == study, query.c.status == OPEN, make_query_condition(viewer)
    )
    sites = None if actor.kind == SYSTEM else actor.sites_for(Action.ENTRY_VIEW, study)
    if sites is not None:
        statement = statement.where(query.c.site.in_(sorted(sites)))
    rows = connection.execute(statement.order_by(query.c.opened_at, query.c.id).limit(MOST_LISTED))
    return [make_query(row) for row in rows.mappings()]


_OF_ENTRY = (
    sa.select(query)
    .where(query.c.entry == sa.bindparam("entry", type_=Words))
    .order_by(query.c.opened_at, query.c.id)
)
