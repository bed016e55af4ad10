"""The visits of the people on one page of the list, for the visit matrix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from capture.participants.reads.people import make_visit
from capture.participants.records import Visit, VisitStatus
from capture.participants.tables import participant, visit


@dataclass(frozen=True)
class KindOfVisit:
    """A kind of visit that people of a site have. waiting: how many are to be done now."""

    site: str
    slug: str
    waiting: int


def list_visit_kinds(
    connection: sa.Connection, ids: Sequence[str], today: date
) -> list[KindOfVisit]:
    """Return which kinds of visit these people have, by the site where they are now."""
    waiting = sa.func.sum(sa.case((_waits(today), 1), else_=0))
    rows = connection.execute(
        sa.select(participant.c.site, visit.c.slug, waiting.label("waiting"))
        .join(participant, participant.c.id == visit.c.participant)
        .where(visit.c.participant.in_(ids), visit.c.status != VisitStatus.VOID.value)
        .group_by(participant.c.site, visit.c.slug)
    )
    return [KindOfVisit(row.site, row.slug, row.waiting) for row in rows]


def list_matrix_visits(
    connection: sa.Connection, ids: Sequence[str], slugs: Collection[str], today: date
) -> dict[str, list[Visit]]:
    """These people's visits of some kinds, and those of every kind that are to be done now."""
    rows = connection.execute(
        sa.select(visit)
        .where(
            visit.c.participant.in_(ids),
            visit.c.status != VisitStatus.VOID.value,
            sa.or_(visit.c.slug.in_(sorted(slugs)), _waits(today)),
        )
        .order_by(sa.func.coalesce(visit.c.target_date, ""), visit.c.slug, visit.c.occurrence)
    )
    found: dict[str, list[Visit]] = defaultdict(list)
    for row in rows.mappings():
        found[row["participant"]].append(make_visit(row))
    return found


def list_visit_ids(
    connection: sa.Connection, ids: Sequence[str]
) -> dict[tuple[str, str, int], str]:
    """Return the ids of these people's visits, by participant, kind and occurrence."""
    rows = connection.execute(
        sa.select(visit.c.participant, visit.c.slug, visit.c.occurrence, visit.c.id).where(
            visit.c.participant.in_(ids), visit.c.status != VisitStatus.VOID.value
        )
    )
    return {(row.participant, row.slug, row.occurrence): row.id for row in rows}


def _waits(today: date) -> sa.ColumnElement[bool]:
    """That a visit is begun or open on a day; the matrix decides by the date of each site."""
    earliest = sa.func.coalesce(visit.c.earliest, "")
    is_open = sa.and_(visit.c.status == VisitStatus.PLANNED.value, earliest <= today.isoformat())
    return sa.or_(visit.c.status == VisitStatus.IN_PROGRESS.value, is_open)
