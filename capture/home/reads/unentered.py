"""Forms that are not there: of overdue visits, and of visits that were not done.

Overdue hangs on today, so no counter can hold it; the index of what is due leads to these visits
alone, which the database puts together, so that the work follows how much is late and not how much
was ever entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from capture.home.reads.visits import is_open_visit, is_overdue
from capture.home.reads.workplaces import Workplace
from capture.participants.records import VisitStatus
from capture.participants.tables import visit


@dataclass(frozen=True)
class UnenteredRow:
    """A form that nothing is entered for, at one site: its visit was not done, or is overdue."""

    site: str
    instrument: str
    is_overdue: bool


def count_unentered(connection: sa.Connection, place: Workplace) -> Counter[UnenteredRow]:
    """How many of each there are at the person's sites; none that would tell an arm."""
    found: Counter[UnenteredRow] = Counter()
    for late, condition in (
        (True, is_open_visit(place, is_overdue)),
        (False, _match_not_done(place)),
    ):
        for row in connection.execute(_select_groups(condition)):
            for name in _list_unentered_forms(row, place):
                found[UnenteredRow(row.site, name, late)] += row.how_many
    return found


def _select_groups(
    condition: sa.ColumnElement[bool],
) -> sa.Select[tuple[str, list[str], dict[str, str], int]]:
    parts = (visit.c.site, visit.c.instruments, visit.c.forms)
    return sa.select(*parts, sa.func.count().label("how_many")).where(condition).group_by(*parts)


def _list_unentered_forms(
    row: sa.Row[tuple[str, list[str], dict[str, str], int]], place: Workplace
) -> Iterator[str]:
    for name in row.instruments:
        if name not in row.forms and place.viewer.shows_form(name):
            yield name


def _match_not_done(place: Workplace) -> sa.ColumnElement[bool]:
    return sa.and_(
        visit.c.study == place.slug,
        visit.c.site.in_(sorted(place.sites)),
        visit.c.status == VisitStatus.NOT_DONE.value,
        place.viewer.visit_condition(visit.c.slug),
    )
