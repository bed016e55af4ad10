"""Horizontal bars, one below the other: plain ones, or each divided into shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from textwrap import wrap

from markupsafe import Markup

from capture.charts.drawing import LINE, WIDTH, draw_frame, draw_words

BAR, NAME, BETWEEN = 14, 24, 12
"""Heights in drawing units: a bar, the line of text above it, the space below its numbers."""
LETTERS = 38
"""The most characters that fit on a line below a bar."""
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Share:
    """A part of a bar. kind: its pattern, `first` to `fourth`: full, striped, dotted, empty."""

    kind: str
    name: str
    number: int


@dataclass(frozen=True)
class Bar:
    """One bar; its numbers are written below it in words."""

    name: str
    shares: tuple[Share, ...]

    @property
    def total(self) -> int:
        """The length of the whole bar, in the unit of its shares."""
        return sum(share.number for share in self.shares)

    @property
    def said(self) -> list[str]:
        """Return the numbers in words, as lines of text; parts of length 0 are left out."""
        parts = [f"{share.name} {share.number}".strip() for share in self.shares if share.number]
        whole = ", ".join(part.replace(" ", NO_BREAK) for part in parts) or "0"
        return [line.replace(NO_BREAK, " ") for line in wrap(whole, LETTERS)]

    @property
    def height(self) -> int:
        """The height of the bar with all its text, in drawing units."""
        return NAME + BAR + LINE * len(self.said) + BETWEEN


def draw_bar_chart(
    bars: Sequence[Bar], *, identity: str, title: str, is_share: bool = False
) -> Markup:
    """Draw bars in proportion to the longest one; with `is_share` each takes the whole width.

    Every number is written in words below its bar, so no information depends on the pattern alone.
    """
    longest = max((bar.total for bar in bars), default=0)
    tops = [0, *accumulate(bar.height for bar in bars)]
    inner = _draw_patterns(identity)
    for bar, top in zip(bars, tops, strict=False):
        inner += _draw_bar(bar, top, bar.total if is_share else longest, identity)
    summary = "; ".join(f"{bar.name}: {' '.join(bar.said)}" for bar in bars) + "."
    return draw_frame(identity, title, summary, inner, height=max(tops[-1], 1))


def _draw_bar(bar: Bar, top: int, whole: int, identity: str) -> str:
    y = top + NAME
    ends = [WIDTH * end / max(whole, 1) for end in accumulate(s.number for s in bar.shares)]
    parts = "".join(
        f'<rect class="app-chart__share app-chart__share--{share.kind}"'
        f"{_make_fill(share, identity)} "
        f'x="{start:.1f}" y="{y}" width="{end - start:.1f}" height="{BAR}"/>'
        for share, start, end in zip(bar.shares, [0.0, *ends], ends, strict=False)
        if share.number
    )
    base = f'<path class="app-chart__axis" d="M0 {y + BAR}H{WIDTH}"/>'
    said = "".join(
        draw_words(0, y + BAR + LINE * line, text) for line, text in enumerate(bar.said, start=1)
    )
    return draw_words(0, y - 7, bar.name, kind="name") + parts + base + said


def _make_fill(share: Share, identity: str) -> str:
    drawn_by = {"second": "stripes", "third": "dots"}
    pattern = drawn_by.get(share.kind)
    return f' fill="url(#{identity}-{pattern})"' if pattern else ""


def _draw_patterns(identity: str) -> str:
    """Draw the stripes and dots by which parts of a bar differ without colour."""
    return (
        f'<defs><pattern id="{identity}-stripes" width="6" height="6" '
        'patternUnits="userSpaceOnUse"><path class="app-chart__stripe" d="M0 6L6 0"/></pattern>'
        f'<pattern id="{identity}-dots" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle class="app-chart__dot" cx="3" cy="3" r="1.5"/></pattern></defs>'
    )
