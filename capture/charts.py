"""Charts as inline SVG of classes and attributes, each with its numbers in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 52, 128, 18, 44
LABEL_GAP = 16
"""Least distance in drawing units between the two words at the lines' ends."""


@dataclass(frozen=True)
class Point:
    """A count reached by the end of a day."""

    day: date
    number: int


@dataclass(frozen=True)
class RecruitmentChart:
    """Recruitment against target: the drawing, and the rows of its table (day, actual, target)."""

    drawing: Markup
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date
    highest: int

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, number: float) -> float:
        return round(HEIGHT - BOTTOM - number / self.highest * (HEIGHT - TOP - BOTTOM), 1)


@dataclass(frozen=True)
class _EndLabel:
    kind: str
    words: str
    x: float
    y: float


def recruitment_chart(
    actual: Sequence[Point],
    target: Sequence[Point],
    *,
    identity: str = "recruitment",
    done: str = "randomised",
) -> RecruitmentChart:
    """Draw how many were recruited as steps and the target as a dashed line.

    done: what was done with those who are counted, in a word.

    actual: one point a month (or day), numbers never falling. target: at least two points, the
    line is straight between them. Both oldest first, not both empty.
    """
    points = [*actual, *target]
    if not points:
        raise ValueError("a recruitment chart needs at least one point")
    scale = _Scale(
        min(point.day for point in points),
        max(point.day for point in points),
        _round_up(max(point.number for point in points)),
    )
    parts = [_frame(scale), _target_line(scale, target), _actual_steps(scale, actual)]
    parts.append(_end_words(scale, actual, target, done=done))
    drawing = _svg(identity, _summary(actual, target, done=done), "".join(parts))
    return RecruitmentChart(drawing, tuple(_rows(actual, target)))


def _svg(identity: str, summary: str, inner: str) -> Markup:
    return Markup(  # noqa: S704 - made of numbers; every text is escaped below
        f'<svg class="app-chart__drawing" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{escape(identity)}-title {escape(identity)}-desc">'
        f'<title id="{escape(identity)}-title">Recruitment against target</title>'
        f'<desc id="{escape(identity)}-desc">{escape(summary)}</desc>{inner}</svg>'
    )


def _summary(actual: Sequence[Point], target: Sequence[Point], *, done: str) -> str:
    said = []
    if actual:
        said.append(f"{actual[-1].number} {done} by {_day(actual[-1].day)}")
    if target:
        # A line that ends level is an aim without a day by which it is to be reached.
        is_level = len(target) > 1 and target[-2].number == target[-1].number
        by = "" if is_level else f" by {_day(target[-1].day)}"
        said.append(f"the target is {target[-1].number}{by}")
    return "; ".join(said) + "."


def _frame(scale: _Scale) -> str:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    lines = "".join(
        f'<path class="app-chart__gridline" d="M{LEFT} {scale.y(number)}H{right}"/>'
        f'<text class="app-chart__words" x="{LEFT - 8}" y="{scale.y(number) + 4}" '
        f'text-anchor="end">{number}</text>'
        for number in range(0, scale.highest + 1, max(scale.highest // 5, 1))
    )
    days = "".join(
        f'<text class="app-chart__words" x="{scale.x(day)}" y="{bottom + 20}" '
        f'text-anchor="middle">{day:%b %Y}</text>'
        for day in _ticks(scale)
    )
    return f'{lines}{days}<path class="app-chart__axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>'


def _ticks(scale: _Scale) -> Sequence[date]:
    span = scale.last - scale.first
    if span.days < 60:
        return [scale.first] if span.days == 0 else [scale.first, scale.last]
    return [scale.first + span * step / 4 for step in range(5)]


def _target_line(scale: _Scale, target: Sequence[Point]) -> str:
    if not target:
        return ""
    points = " ".join(f"{scale.x(point.day)},{scale.y(point.number)}" for point in target)
    return f'<polyline class="app-chart__target" points="{points}"/>'


def _actual_steps(scale: _Scale, actual: Sequence[Point]) -> str:
    if not actual:
        return ""
    steps = f"M{scale.x(actual[0].day)} {scale.y(actual[0].number)}"
    steps += "".join(
        f"H{scale.x(after.day)}V{scale.y(after.number)}" for _, after in pairwise(actual)
    )
    return f'<path class="app-chart__actual" d="{steps}"/>'


def _end_words(
    scale: _Scale, actual: Sequence[Point], target: Sequence[Point], *, done: str
) -> str:
    """Label the lines at their ends, moved apart where they would lie on one another."""
    ends = [("actual", done.capitalize(), actual), ("target", "Target", target)]
    labels = [
        _EndLabel(
            kind,
            f"{words} {points[-1].number}",
            scale.x(points[-1].day),
            scale.y(points[-1].number),
        )
        for kind, words, points in ends
        if points
    ]
    return "".join(
        f'<text class="app-chart__words app-chart__words--{one.kind}" x="{one.x + 6:.1f}" '
        f'y="{one.y + 4:.1f}">{one.words}</text>'
        for one in _apart(labels)
    )


def _apart(labels: Sequence[_EndLabel]) -> Sequence[_EndLabel]:
    if len(labels) < 2:
        return labels
    upper, lower = sorted(labels, key=lambda label: label.y)
    missing = max(LABEL_GAP - (lower.y - upper.y), 0)
    return [replace(upper, y=upper.y - missing / 2), replace(lower, y=lower.y + missing / 2)]


def _rows(actual: Sequence[Point], target: Sequence[Point]) -> Sequence[tuple[str, str, str]]:
    return [
        (_day(point.day), str(point.number), _expected_words(target, point.day)) for point in actual
    ]


def _expected_words(target: Sequence[Point], day: date) -> str:
    expected = expected_on(target, day)
    return "" if expected is None else str(expected)


def expected_on(target: Sequence[Point], day: date) -> int | None:
    """Give the target for a day: on the straight line between its points, rounded half up."""
    if not target or day < target[0].day:
        return None
    for before, after in pairwise(target):
        if before.day <= day <= after.day and after.day > before.day:
            whole, passed = (after.day - before.day).days, (day - before.day).days
            rise = (after.number - before.number) * passed
            return before.number + (2 * rise + whole) // (2 * whole)
    return target[-1].number


def _round_up(number: int) -> int:
    """Give the next of 5, 10, 20, 50, 100 … that holds the number, so that axes read easily."""
    power = 1
    while True:
        for step in (5, 10, 20, 30, 40, 50):
            if number <= step * power:
                return step * power
        power *= 10


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
