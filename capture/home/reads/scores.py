"""The values of a score at each visit, put together by the database: how often each occurs.

Values hang on the definition, on who withdrew their data and on cohorts that are corrected, so no
counter holds them. The index of forms by instrument leads to those of this one instrument; the
database takes one value out of each document and counts equal ones, so that few rows come here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa

from capture.entry.reads import NOT_DONE
from capture.entry.tables import entry
from capture.participants.kinds import DATA_WITHDRAWAL
from capture.participants.rows import Status
from capture.participants.tables import dated_fact, participant


@dataclass(frozen=True)
class AtVisit:
    """Where a value stands: the visit, and the cohort of whose it is, if one is recorded."""

    visit: str
    occurrence: int
    cohort: str | None


Values = dict[AtVisit, Counter[Fraction]]


def values_of(
    connection: sa.Connection,
    study: str,
    instrument: str,
    item: str,
    sites: Collection[str],
) -> Values:
    """How often each value of an item occurs, of enrolled people who are at these sites now.

    Left out as in datasets: forms struck out or not done, and answers that a later one hid. Left
    out besides: people who withdrew their data.
    """
    value = entry.c.doc[item]["v"].as_string()
    parts = (entry.c.visit_slug, entry.c.occurrence, participant.c.cohort, entry.c.flags, value)
    statement = (
        sa.select(*parts, sa.func.count())
        .join(participant, _same_person(entry))
        .where(
            entry.c.study == study,
            entry.c.instrument == instrument,
            entry.c.status != NOT_DONE,
            value.is_not(None),
            participant.c.status == Status.ENROLLED.value,
            participant.c.site.in_(sorted(sites)),
            sa.not_(_withdrew_data()),
        )
        .group_by(*parts)
    )
    found: Values = {}
    for slug, occurrence, cohort, flags, text, number in connection.execute(statement):
        if item not in flags:
            at = AtVisit(slug, occurrence, cohort)
            found.setdefault(at, Counter())[Fraction(str(text))] += number
    return found


def _same_person(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.participant == participant.c.id, table.c.study == participant.c.study)


def _withdrew_data() -> sa.ColumnElement[bool]:
    return sa.exists().where(_same_person(dated_fact), dated_fact.c.kind == DATA_WITHDRAWAL)
