"""The course of a score over the visits: medians joined by a line, quartiles as vertical lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from markupsafe import Markup

from capture.charts.drawing import Axis, draw_frame, draw_words, format_number, round_up

HEIGHT = 236
LEFT, RIGHT, TOP, BOTTOM = 40, 348, 28, 184
MOST_SAID = 6
"""The most visits that have room for their text."""


@dataclass(frozen=True)
class Mark:
    """The values of one visit: median and quartiles of `number` scores, which may be 0."""

    place: int
    visit: str
    number: int = 0
    lower: Fraction = Fraction(0)
    median: Fraction = Fraction(0)
    upper: Fraction = Fraction(0)


def draw_course_chart(
    marks: Sequence[Mark], *, identity: str, title: str, low: Fraction, high: Fraction
) -> Markup:
    """Draw one panel. marks: one for each visit, in order; low, high: ends of the score axis."""
    axis = Axis(low, high, TOP, BOTTOM)
    width = Fraction(RIGHT - LEFT, max(len(marks), 1))
    places = [float(LEFT + width * index + width / 2) for index in range(len(marks))]
    there = [(x, mark) for x, mark in zip(places, marks, strict=True) if mark.number]
    line = " ".join(f"{x:g},{axis.y(mark.median)}" for x, mark in there)
    inner = axis.grid(LEFT, RIGHT) + _draw_visits(places, marks)
    inner += f'<polyline class="app-chart__middle" points="{line}"/>' if len(there) > 1 else ""
    every = ceil(len(marks) / MOST_SAID)
    inner += "".join(
        _draw_mark(x, mark, axis, is_said=(mark.place - 1) % every == 0) for x, mark in there
    )
    summary = "; ".join(_describe_mark(mark) for _x, mark in there) or "No score yet"
    return draw_frame(identity, title, f"{summary}.", inner, height=HEIGHT)


def _draw_visits(places: Sequence[float], marks: Sequence[Mark]) -> str:
    """Draw the number of each visit and, where there is room, the number of its scores."""
    every = ceil(len(marks) / MOST_SAID)
    shown = [(x, mark) for x, mark in zip(places, marks, strict=True)][::every]
    return "".join(
        draw_words(x, BOTTOM + 20, str(mark.place), anchor="middle", kind="name")
        + draw_words(x, BOTTOM + 38, f"n {mark.number}", anchor="middle")
        for x, mark in shown
    )


def _draw_mark(x: float, mark: Mark, axis: Axis, *, is_said: bool) -> str:
    """Draw a line from quartile to quartile with the median on it and its number above."""
    upper, lower = axis.y(mark.upper), axis.y(mark.lower)
    return (
        f'<path class="app-chart__spread" d="M{x:g} {upper}V{lower}"/>'
        f'<circle class="app-chart__mark" cx="{x:g}" cy="{axis.y(mark.median)}" r="4.5"/>'
    ) + (
        draw_words(x, upper - 8, format_number(mark.median), anchor="middle", kind="actual")
        if is_said
        else ""
    )


def _describe_mark(mark: Mark) -> str:
    quartiles = f"quartiles {format_number(mark.lower)} and {format_number(mark.upper)}"
    return f"{mark.visit}: median {format_number(mark.median)}, {quartiles}, n {mark.number}"


def find_ends(marks: Sequence[Mark], ends: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Return the ends of an axis: those of the scale, else round numbers around all marks.

    marks: those of all panels that share the axis. ends: of the scale, at most two.
    """
    found = [quartile for mark in marks if mark.number for quartile in (mark.lower, mark.upper)]
    low = min([Fraction(0), *found, *ends])
    high = max([low + 1, *found, *ends])
    if low not in (0, *ends):
        low = -Fraction(round_up(-low))
    return low, high if high in ends else low + round_up(high - low)
