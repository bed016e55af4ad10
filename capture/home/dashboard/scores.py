"""Scores over the visits: exact medians and quartiles, pooled, and by cohort to who may see it.

Never by arm: what is compared between arms is the committee's to see before the trial ends. Every
number follows from `reads.values_of`, which reads the forms themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from capture.charts import Mark, draw_course_chart, find_ends
from capture.charts.drawing import format_number
from capture.home.dashboard.context import (
    DashboardContext,
    DashboardFigure,
    DashboardSection,
    DashboardTable,
)
from capture.home.reads import Values
from forms.definition import Score, Study

POOLED = "Everybody"
At = tuple[str, int]
"""A visit by its slug, and which occurrence of it."""


@dataclass(frozen=True)
class Panel:
    """One drawing: of whom, and what there is at each visit."""

    name: str
    key: str
    marks: tuple[Mark, ...]


def list_shown_scores(scene: DashboardContext) -> list[Score]:
    """The scores of the study that the reader may be told of."""
    shows = scene.viewer.shows_item
    return [score for score in scene.study.scores if shows(score.item)]


def make_section(scene: DashboardContext, score: Score, values: Values) -> DashboardSection:
    """The course of one score: a drawing for everybody, and one for each cohort."""
    item = scene.study.item(score.item)
    found = list_panels(scene, values)
    ends = [Fraction(end) for end in score.ends]
    low, high = find_ends([mark for panel in found for mark in panel.marks], ends)
    figures = [
        DashboardFigure(
            panel.name,
            draw_course_chart(
                panel.marks,
                identity=f"score-{score.item}-{panel.key}",
                title=f"{score.title or item.label}: {panel.name}",
                low=low,
                high=high,
            ),
        )
        for panel in found
        if any(mark.number for mark in panel.marks)
    ]
    unit = item.canonical_unit
    title = score.title or item.label
    title = f"{title} ({unit})" if unit else title
    table = DashboardTable(
        f"score-{score.item}",
        f"{title} by visit",
        ("Of whom", "Visit", "n", "Lower quartile", "Median", "Upper quartile"),
        tuple(_make_rows(found)),
        texts=2,
    )
    return DashboardSection(title, _describe_scale(score), figures, [table])


def _describe_scale(score: Score) -> str:
    """Which way is better, as the study says it."""
    said = [(score.worst, "worst"), (score.best, "best")]
    known = [f"{format_number(Fraction(end))} is {word}" for end, word in said if end is not None]
    return f"{', '.join(known)}." if known else ""


def list_panels(scene: DashboardContext, values: Values) -> list[Panel]:
    """Everybody, then each cohort where the reader may see cohorts; the same visits in each."""
    allowed = {at: counted for at, counted in values.items() if _is_shown(scene, at.visit)}
    visits = _title_visits(scene.study, {(at.visit, at.occurrence) for at in allowed})
    groups: list[tuple[str, str, str | None]] = [(POOLED, "pooled", None)]
    if scene.viewer.sees_cohorts:
        groups += [(cohort.title, cohort.name, cohort.name) for cohort in scene.study.cohorts]
    return [
        Panel(name, key, tuple(_list_marks(visits, allowed, cohort)))
        for name, key, cohort in groups
    ]


def _is_shown(scene: DashboardContext, slug: str) -> bool:
    """Only visits of the schedule have a place on it; those that would tell an arm are withheld."""
    planned = {visit.slug for visit in scene.study.visits if not visit.unscheduled}
    return slug in planned and scene.viewer.shows_visit(slug)


def _title_visits(study: Study, found: Iterable[At]) -> dict[At, str]:
    """The visits with values, with their titles, in the order of the schedule."""
    order = {visit.slug: number for number, visit in enumerate(study.visits)}
    known = sorted(found, key=lambda at: (order[at[0]], at[1]))
    return {at: study.visit(at[0]).occurrence_title(at[1]) for at in known}


def _list_marks(visits: Mapping[At, str], values: Values, cohort: str | None) -> Iterable[Mark]:
    for place, (visit, title) in enumerate(visits.items(), start=1):
        counted: Counter[Fraction] = Counter()
        for at, numbers in values.items():
            if (at.visit, at.occurrence) == visit and cohort in (None, at.cohort):
                counted.update(numbers)
        yield make_mark(place, title, counted)


def make_mark(place: int, visit: str, counted: Counter[Fraction]) -> Mark:
    """Median and quartiles of values, exact."""
    if not counted:
        return Mark(place, visit)
    return Mark(place, visit, counted.total(), *compute_quartiles(counted))


def compute_quartiles(counted: Counter[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """Lower quartile, median and upper quartile, each straight between the two nearest values.

    counted: how often each value occurs, at least one. Hyndman and Fan's definition 7, which R,
    NumPy and spreadsheets take without being told otherwise.
    """
    values = sorted(counted)
    reached = list(accumulate(counted[value] for value in values))
    last = reached[-1] - 1

    def at(quarters: int) -> Fraction:
        below, rest = divmod(last * quarters, 4)
        first = values[bisect_right(reached, below)]
        second = values[bisect_right(reached, min(below + 1, last))]
        return first + Fraction(rest, 4) * (second - first)

    return at(1), at(2), at(3)


def _make_rows(found: Sequence[Panel]) -> Iterable[tuple[str, ...]]:
    for panel in found:
        for mark in panel.marks:
            numbers = (mark.lower, mark.median, mark.upper) if mark.number else ()
            texts = [format_number(number) for number in numbers] or ["", "", ""]
            yield panel.name, mark.visit, str(mark.number), *texts


def list_visit_titles(section: DashboardSection) -> list[str]:
    """The visits under a score's drawings, in the order of their numbers."""
    rows = section.tables[0].rows
    return list(dict.fromkeys(row[1] for row in rows))
