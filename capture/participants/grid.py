"""The visit grid: a row a participant, a column a kind of visit, each cell a word and a link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from capture.participants.links import person_url, visit_title, work_url
from capture.participants.next_steps import Outlook, Step, next_steps
from capture.participants.rows import Participant, Visit
from capture.participants.sight import cohort_title, sees_arms
from capture.participants.standing import (
    QUERY,
    TAGS,
    Standing,
    most_urgent,
    person_tag,
    standing,
    window_words,
)
from capture.parts import Tag
from forms.definition import Study


@dataclass(frozen=True)
class Cell:
    """The occurrence of a visit that matters most now."""

    tag: Tag
    title: str
    when: str
    url: str
    query: Tag | None


@dataclass(frozen=True)
class Row:
    """One participant; a cell is None where nothing of that kind is planned."""

    number: str
    url: str
    site: str
    tag: Tag
    cells: tuple[Cell | None, ...]
    step: Step | None
    cohort: str = ""


@dataclass(frozen=True)
class Grid:
    """Column heads and rows of one page of the list."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def grid(study: Study, outlooks: Sequence[Outlook]) -> Grid:
    """Build the grid; columns are the kinds of visit that anybody on this page has, by title."""
    used = {visit.slug for outlook in outlooks for visit in outlook.visits}
    columns = dict.fromkeys(visit.title for visit in study.visits if visit.slug in used)
    return Grid(tuple(columns), tuple(_row(study, outlook, tuple(columns)) for outlook in outlooks))


def _row(study: Study, outlook: Outlook, columns: Sequence[str]) -> Row:
    of_kind: dict[str, list[Visit]] = defaultdict(list)
    for visit in outlook.visits:
        of_kind[study.visit(visit.slug).title].append(visit)
    person, today = outlook.person, outlook.today
    steps = next_steps(outlook)
    return Row(
        number=person.number,
        url=person_url(person),
        site=person.site,
        tag=person_tag(person),
        cells=tuple(_cell(study, person, of_kind[title], today) for title in columns),
        step=steps[0] if steps else None,
        cohort=_cohort(study, outlook),
    )


def _cohort(study: Study, outlook: Outlook) -> str:
    sees = sees_arms(outlook.actor, study, outlook.person.site)
    return (sees and cohort_title(study, outlook.facts)) or ""


def _cell(study: Study, person: Participant, visits: Sequence[Visit], today: date) -> Cell | None:
    if not visits:
        return None
    visit = most_urgent(visits, today)
    stands = standing(visit, today)
    finished = stands in (Standing.COMPLETE, Standing.NOT_DONE)
    return Cell(
        tag=TAGS[stands],
        title=visit_title(study, visit),
        when="" if finished else window_words(visit),
        url=work_url(person, visit),
        query=QUERY if any(one.open_queries for one in visits) else None,
    )
