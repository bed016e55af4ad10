"""The visit matrix: a row for each participant, a column for each kind of visit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from capture.participants.presenters.groups import arm_labels, cohort_title
from capture.participants.presenters.links import person_url, visit_title
from capture.participants.presenters.next_steps import Outlook, Step, list_next_steps
from capture.participants.records import Visit
from capture.participants.statuses import participation_tag, stage_tag
from capture.participants.visit_status import QUERY, TAGS, find_most_urgent, get_standing
from capture.web.page_data import Tag
from forms.definition import Study


@dataclass(frozen=True)
class MatrixCell:
    """The occurrence of a visit that matters most now."""

    tag: Tag
    title: str
    url: str
    query: Tag | None


@dataclass(frozen=True)
class MatrixRow:
    """One participant; a cell is None where nothing of that kind is planned.

    groups: the cohort, the arm, under the heads of the grid that say so.
    """

    number: str
    url: str
    stage: Tag
    participation: Tag
    groups: tuple[str, ...]
    cells: tuple[MatrixCell | None, ...]
    step: Step | None


@dataclass(frozen=True)
class MatrixColumns:
    """The kinds of visit that one page of the grid's columns draws, by title.

    pages: what each page of columns holds, in words; page: which one this is, counted from 1.
    """

    titles: tuple[str, ...]
    slugs: frozenset[str]
    page: int
    pages: tuple[str, ...]


@dataclass(frozen=True)
class VisitMatrix:
    """Column heads and rows of one page of the list."""

    heads: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


MOST_COLUMNS = 12
FIRST_HEADS = ("Number", "Stage", "Participation", "Next step")


def choose_columns(study: Study, waiting: Mapping[str, int], page: int = 0) -> MatrixColumns:
    """Choose the kinds of visit to show, among those that somebody on this page has.

    waiting: by kind how many are to be done now. page: which page of columns; 0 for the one where
    most is to be done.
    """
    by_title: dict[str, list[str]] = defaultdict(list)
    for visit in study.visits:
        if visit.slug in waiting:
            by_title[visit.title].append(visit.slug)
    titles = list(by_title)
    parts = [titles[at : at + MOST_COLUMNS] for at in range(0, len(titles), MOST_COLUMNS)] or [[]]
    if not page:
        work = [sum(waiting[slug] for title in part for slug in by_title[title]) for part in parts]
        page = work.index(max(work)) + 1
    page = min(page, len(parts))
    shown = parts[page - 1]
    words = tuple(f"{part[0]} to {part[-1]}" if len(part) > 1 else "".join(part) for part in parts)
    slugs = frozenset(slug for title in shown for slug in by_title[title])
    return MatrixColumns(tuple(shown), slugs, page, words)


def make_visit_matrix(
    study: Study, outlooks: Sequence[Outlook], columns: MatrixColumns, *, sees: bool
) -> VisitMatrix:
    """Build the matrix. sees: whether its reader may see cohorts and arms."""
    groups = []
    if sees and study.cohorts:
        groups.append("Cohort")
    if sees and study.randomisations:
        groups.append("Arm")
    rows = tuple(_make_row(study, outlook, columns, groups) for outlook in outlooks)
    return VisitMatrix((*FIRST_HEADS, *groups, *columns.titles), rows)


def _make_row(
    study: Study, outlook: Outlook, columns: MatrixColumns, groups: Sequence[str]
) -> MatrixRow:
    of_kind: dict[str, list[Visit]] = defaultdict(list)
    for visit in outlook.visits:
        if visit.slug in columns.slugs:
            of_kind[study.visit(visit.slug).title].append(visit)
    person, today = outlook.person, outlook.today
    steps = list_next_steps(outlook)
    found = {"Cohort": cohort_title, "Arm": arm_labels}
    url = person_url(person)
    return MatrixRow(
        number=person.number,
        url=url,
        stage=stage_tag(outlook.actor, study, person, outlook.facts),
        participation=participation_tag(person, outlook.facts),
        groups=tuple(found[group](study, outlook.facts) or "" for group in groups),
        cells=tuple(_make_cell(study, url, of_kind[title], today) for title in columns.titles),
        step=steps[0] if steps else None,
    )


def _make_cell(
    study: Study, person: str, visits: Sequence[Visit], today: date
) -> MatrixCell | None:
    """person: the address of the person's page."""
    if not visits:
        return None
    visit = find_most_urgent(visits, today) if len(visits) > 1 else visits[0]
    return MatrixCell(
        tag=TAGS[get_standing(visit, today)],
        title=visit_title(study, visit),
        url=f"{person}/to/{visit.slug}/{visit.occurrence}",
        query=QUERY if any(other.open_queries for other in visits) else None,
    )
