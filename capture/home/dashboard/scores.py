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

from capture.charts import Mark, course_chart, ends_of
from capture.charts.drawing import plain
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


def section(scene: DashboardContext, score: Score, values: Values) -> DashboardSection:
    """The course of one score: a drawing for everybody, and one for each cohort."""
    item = scene.study.item(score.item)
    found = panels(scene, values)
    ends = [Fraction(end) for end in score.ends]
    low, high = ends_of([mark for panel in found for mark in panel.marks], ends)
    figures = [
        DashboardFigure(
            panel.name,
            course_chart(
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
        tuple(_rows(found)),
        texts=2,
    )
    return DashboardSection(title, _scale(score), figures, [table])


def _scale(score: Score) -> str:
    """Which way is better, as the study says it."""
    said = [(score.worst, "worst"), (score.best, "best")]
    known = [f"{plain(Fraction(end))} is {word}" for end, word in said if end is not None]
    return f"{', '.join(known)}." if known else ""


def panels(scene: DashboardContext, values: Values) -> list[Panel]:
    """Everybody, then each cohort where the reader may see cohorts; the same visits in each."""
    allowed = {at: counted for at, counted in values.items() if _is_shown(scene, at.visit)}
    visits = _visits(scene.study, {(at.visit, at.occurrence) for at in allowed})
    groups: list[tuple[str, str, str | None]] = [(POOLED, "pooled", None)]
    if scene.viewer.sees_cohorts:
        groups += [(cohort.title, cohort.name, cohort.name) for cohort in scene.study.cohorts]
    return [
        Panel(name, key, tuple(_marks(visits, allowed, cohort))) for name, key, cohort in groups
    ]


def _is_shown(scene: DashboardContext, slug: str) -> bool:
    """Only visits of the schedule have a place on it; those that would tell an arm are withheld."""
    planned = {visit.slug for visit in scene.study.visits if not visit.unscheduled}
    return slug in planned and scene.viewer.shows_visit(slug)


def _visits(study: Study, found: Iterable[At]) -> dict[At, str]:
    """The visits with values, with their titles, in the order of the schedule."""
    order = {visit.slug: number for number, visit in enumerate(study.visits)}
    known = sorted(found, key=lambda at: (order[at[0]], at[1]))
    return {at: study.visit(at[0]).occurrence_title(at[1]) for at in known}


def _marks(visits: Mapping[At, str], values: Values, cohort: str | None) -> Iterable[Mark]:
    for place, (visit, title) in enumerate(visits.items(), start=1):
        counted: Counter[Fraction] = Counter()
        for at, numbers in values.items():
            if (at.visit, at.occurrence) == visit and cohort in (None, at.cohort):
                counted.update(numbers)
        yield mark_of(place, title, counted)


def mark_of(place: int, visit: str, counted: Counter[Fraction]) -> Mark:
    """Median and quartiles of values, exact."""
    if not counted:
        return Mark(place, visit)
    return Mark(place, visit, counted.total(), *quartiles(counted))


def quartiles(counted: Counter[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
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


def _rows(found: Sequence[Panel]) -> Iterable[tuple[str, ...]]:
    for panel in found:
        for mark in panel.marks:
            numbers = (mark.lower, mark.median, mark.upper) if mark.number else ()
            texts = [plain(number) for number in numbers] or ["", "", ""]
            yield panel.name, mark.visit, str(mark.number), *texts


def visits_told(section: DashboardSection) -> list[str]:
    """The visits under a score's drawings, in the order of their numbers."""
    rows = section.tables[0].rows
    return list(dict.fromkeys(row[1] for row in rows))
