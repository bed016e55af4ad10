"""The values of a score at each visit: how often each occurs, of the people who count.

Values hang on the definition, on who withdrew their data and on cohorts that are corrected, so no
counter holds them. The index of forms by instrument leads to those of this one instrument, of each
of which the database gives one value. People and forms are two reads, put together here: joined in
the database they take seconds where it misjudges how many forms there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa

from capture.entry.reads import list_values
from capture.participants.event_kinds import DATA_WITHDRAWAL
from capture.participants.records import Status
from capture.participants.tables import participant, participant_event


@dataclass(frozen=True)
class AtVisit:
    """Where a value stands: the visit, and the cohort of whose it is, if one is recorded."""

    visit: str
    occurrence: int
    cohort: str | None


Values = dict[AtVisit, Counter[Fraction]]


def list_counted_people(
    connection: sa.Connection, study: str, sites: Collection[str]
) -> dict[str, str | None]:
    """Enrolled people who are at these sites now and did not withdraw their data, and the cohort
    of each, where one is recorded."""
    people = sa.select(participant.c.id, participant.c.cohort).where(
        participant.c.study == study,
        participant.c.status == Status.ENROLLED.value,
        participant.c.site.in_(sorted(sites)),
    )
    withdrawn = sa.select(participant_event.c.participant).where(
        participant_event.c.study == study, participant_event.c.kind == DATA_WITHDRAWAL
    )
    out = set(connection.execute(withdrawn).scalars())
    return {name: cohort for name, cohort in connection.execute(people) if name not in out}


def count_values(
    connection: sa.Connection,
    study: str,
    instrument: str,
    item: str,
    people: Mapping[str, str | None],
) -> Values:
    """How often each value of an item occurs. people: who counts, with the cohort of each.

    Left out as in datasets: forms struck out or not done, and answers that a later one hid.
    """
    texts: Counter[tuple[str, int, str | None, str]] = Counter()
    for person, visit, occurrence, text in list_values(connection, study, instrument, item):
        if person in people:
            texts[visit, occurrence, people[person], text] += 1
    found: Values = {}
    for (visit, occurrence, cohort, text), number in texts.items():
        counted = found.setdefault(AtVisit(visit, occurrence, cohort), Counter())
        counted[Fraction(text)] += number
    return found
