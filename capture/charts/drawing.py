"""What all drawings share: frame, text, grid, and axes that end at a round number."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup, escape

WIDTH = 360
LINE = 18
"""Least distance in drawing units between two lines of text."""


@dataclass(frozen=True)
class Axis:
    """The vertical axis of a drawing: values from `low` to `high` between two heights."""

    low: Fraction
    high: Fraction
    top: int
    bottom: int

    def y(self, number: Fraction | int) -> float:
        """Return the height of a value, in drawing units from the top."""
        low, high = float(self.low), float(self.high)
        share = (float(number) - low) / (high - low)
        return round(self.bottom - share * (self.bottom - self.top), 1)

    def grid(self, left: int, right: int) -> str:
        """Draw the grid lines with their numbers, and the axes."""
        step = (self.high - self.low) / 5
        steps = [self.low + number * step for number in range(6)]
        lines = "".join(
            f'<path class="app-chart__gridline" d="M{left} {self.y(number)}H{right}"/>'
            + draw_words(left - 6, self.y(number) + 4, format_number(number), anchor="end")
            for number in steps
        )
        axes = f'<path class="app-chart__axis" d="M{left} {self.top}V{self.bottom}H{right}"/>'
        return lines + axes


def draw_frame(identity: str, title: str, summary: str, inner: str, *, height: int) -> Markup:
    """Put a drawing into its frame, with its name and its description for a screen reader."""
    name = escape(identity)
    return Markup(  # noqa: S704 - made of numbers; every text is escaped
        f'<svg class="app-chart__drawing" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(summary)}</desc>{inner}</svg>'
    )


def draw_words(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    """Draw one line of text."""
    named = "app-chart__words" + (f" app-chart__words--{kind}" if kind else "")
    return f'<text class="{named}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def round_up(number: Fraction | int) -> int:
    """Return the smallest of 5, 10, 20, 30, 40, 50, 100 … that is not below the number."""
    power = 1
    while True:
        for step in (5, 10, 20, 30, 40, 50):
            if number <= step * power:
                return step * power
        power *= 10


def format_number(number: Fraction | int) -> str:
    """Format a number with up to 12 decimals, cut there, without trailing zeros."""
    whole, rest = divmod(abs(Fraction(number)), 1)
    digits = ""
    while rest and len(digits) < 12:
        digit, rest = divmod(rest * 10, 1)
        digits += str(digit)
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"
