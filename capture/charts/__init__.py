"""Charts as inline SVG of classes and attributes; each stands beside a table of its numbers.

All are drawn 360 units wide, so that their words can be read on a telephone.
"""

from __future__ import annotations

from capture.charts.bars import Bar, Share, bar_chart
from capture.charts.columns import ChartColumn, column_chart
from capture.charts.course import Mark, course_chart, ends_of
from capture.charts.recruitment import Point, recruitment_chart

__all__ = [
    "Bar",
    "ChartColumn",
    "Mark",
    "Point",
    "Share",
    "bar_chart",
    "column_chart",
    "course_chart",
    "ends_of",
    "recruitment_chart",
]
