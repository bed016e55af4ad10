"""Vertical columns of probabilities, side by side, on an axis in percent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from markupsafe import Markup

from capture.charts.drawing import Axis, draw_frame, draw_words, round_up

HEIGHT = 220
LEFT, RIGHT, TOP, BOTTOM = 40, 348, 16, 178
MOST_NAMED = 11
"""The most columns that have room for their names."""


@dataclass(frozen=True)
class ChartColumn:
    """One column: its name, and its probability from 0 to 1."""

    name: str
    chance: Fraction

    @property
    def said(self) -> str:
        """The column in words."""
        return f"{self.name}: {float(self.chance * 100):.1f} %"


def draw_column_chart(
    columns: Sequence[ChartColumn], *, identity: str, title: str, under: str, highest: Fraction
) -> Markup:
    """Draw the columns. under: the title of the lower axis; highest: a probability to show.

    Give drawings that are to be compared the same `highest`.
    """
    axis = Axis(Fraction(0), Fraction(round_up(highest * 100)), TOP, BOTTOM)
    width = (RIGHT - LEFT) / max(len(columns), 1)
    every = ceil(len(columns) / MOST_NAMED)
    middle = len(columns) // 2  # with an odd number of columns the middle one is named
    inner = axis.grid(LEFT, RIGHT)
    for number, column in enumerate(columns):
        x = LEFT + width * number
        y = axis.y(column.chance * 100)
        inner += (
            f'<rect class="app-chart__share app-chart__share--first" x="{x + width * 0.1:.1f}" '
            f'y="{y}" width="{width * 0.8:.1f}" height="{BOTTOM - y:.1f}"/>'
        )
        if (number - middle) % every == 0:
            inner += draw_words(x + width / 2, BOTTOM + 18, column.name, anchor="middle")
    inner += draw_words((LEFT + RIGHT) / 2, BOTTOM + 37, under, anchor="middle", kind="name")
    summary = "; ".join(column.said for column in columns) + "."
    return draw_frame(identity, title, summary, inner, height=HEIGHT)
