"""A chart of recruitment over time as steps, with the target in force as a dashed line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from markupsafe import Markup

from capture import clock
from capture.charts.drawing import LINE, WIDTH, Axis, draw_frame, draw_words, round_up

HEIGHT = 240
LEFT, RIGHT, TOP, BOTTOM = 40, 348, 22, 204
ABOVE, HIGHEST = 6, 14
"""Drawing units: the distance of text above a line, and the highest position of text."""
LETTER = 10
"""The most that a character is wide on average, in drawing units."""


@dataclass(frozen=True)
class Point:
    """A cumulative number of participants at the end of a day."""

    day: date
    number: int


@dataclass(frozen=True)
class _Plane:
    first: date
    last: date
    axis: Axis

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def y(self, number: int) -> float:
        return self.axis.y(number)


def draw_recruitment_chart(
    actual: Sequence[Point],
    target: Sequence[Point],
    *,
    identity: str = "recruitment",
    title: str = "Recruitment against target",
    done: str = "randomised",
    beside: Sequence[Point] = (),
) -> Markup:
    """Draw the number of participants recruited as steps and the target as a dashed line.

    actual: one point a month (or day), never decreasing. target: a straight line between points.
    Both oldest first. done: the word for those counted, such as “randomised”.
    beside: further points that the axes must hold, so that drawings can be compared.
    Raises ValueError without any point.
    """
    if not actual and not target:
        raise ValueError("a recruitment chart needs at least one point")
    points = [*actual, *target, *beside]
    highest = round_up(max(point.number for point in points))
    days = [point.day for point in points]
    plane = _Plane(min(days), max(days), Axis(Fraction(0), Fraction(highest), TOP, BOTTOM))
    inner = plane.axis.grid(LEFT, RIGHT) + _draw_days(plane)
    inner += _draw_target(plane, target) + _draw_actual(plane, actual)
    inner += _draw_end_words(plane, actual, target, done=done)
    return draw_frame(identity, title, _summarise(actual, target, done=done), inner, height=HEIGHT)


def _summarise(actual: Sequence[Point], target: Sequence[Point], *, done: str) -> str:
    said = []
    if actual:
        said.append(f"{actual[-1].number} {done} by {_format_day(actual[-1].day)}")
    if target:
        # A line that ends level is a target without a date, or after its date.
        is_level = len(target) > 1 and target[-2].number == target[-1].number
        by = "" if is_level else f" by {_format_day(target[-1].day)}"
        said.append(f"the target is {target[-1].number}{by}")
    return "; ".join(said) + "."


def _draw_days(plane: _Plane) -> str:
    """Draw the first and the last date, and one between them where there is room."""
    span = plane.last - plane.first
    shown = [(plane.first, "start"), (plane.last, "end")]
    if span.days >= 60:
        shown.insert(1, (plane.first + span / 2, "middle"))
    if span.days == 0:
        shown = shown[:1]
    return "".join(
        draw_words(plane.x(day), BOTTOM + 20, f"{day:%b %Y}", anchor=anchor)
        for day, anchor in shown
    )


def _draw_target(plane: _Plane, target: Sequence[Point]) -> str:
    if not target:
        return ""
    points = " ".join(f"{plane.x(point.day)},{plane.y(point.number)}" for point in target)
    return f'<polyline class="app-chart__target" points="{points}"/>'


def _draw_actual(plane: _Plane, actual: Sequence[Point]) -> str:
    if not actual:
        return ""
    steps = f"M{plane.x(actual[0].day)} {plane.y(actual[0].number)}"
    steps += "".join(
        f"H{plane.x(after.day)}V{plane.y(after.number)}" for _, after in pairwise(actual)
    )
    return f'<path class="app-chart__actual" d="{steps}"/>'


def _draw_end_words(
    plane: _Plane, actual: Sequence[Point], target: Sequence[Point], *, done: str
) -> str:
    """Name each line at its end: above it, and to its right where there is room."""
    ends = [("actual", done.capitalize(), actual), ("target", "Target", target)]
    known = sorted(
        ((plane.y(line[-1].number), kind, name, line[-1]) for kind, name, line in ends if line),
        key=lambda label: label[0],
    )
    heights = _place_words([label[0] for label in known])
    return "".join(
        _draw_name(plane.x(end.day), height, f"{name} {end.number}", kind)
        for height, (_y, kind, name, end) in zip(heights, known, strict=True)
    )


def _place_words(lines: Sequence[float]) -> list[float]:
    """Return the heights of the names. lines: the heights of one or two lines, the upper first."""
    heights = [line - ABOVE for line in lines]
    if len(heights) == 2 and heights[1] - heights[0] < LINE:
        heights[0] = heights[1] - LINE
        if heights[0] < HIGHEST:
            heights = [HIGHEST, HIGHEST + LINE]
    return heights


def _draw_name(x: float, y: float, text: str, kind: str) -> str:
    if x + LETTER * len(text) <= WIDTH:
        return draw_words(x, y, text, kind=kind)
    return draw_words(x, y, text, anchor="end", kind=kind)


def _format_day(day: date) -> str:
    return clock.day_words(day.isoformat())
