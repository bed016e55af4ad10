"""Charts as inline SVG made of classes and attributes; a table of the same numbers goes with each.

Every chart is 360 drawing units wide, so that its text can be read on a telephone.
"""

from __future__ import annotations

from capture.charts.bars import Bar, Share, draw_bar_chart
from capture.charts.columns import ChartColumn, draw_column_chart
from capture.charts.course import Mark, draw_course_chart, find_ends
from capture.charts.recruitment import Point, draw_recruitment_chart

__all__ = [
    "Bar",
    "ChartColumn",
    "Mark",
    "Point",
    "Share",
    "draw_bar_chart",
    "draw_column_chart",
    "draw_course_chart",
    "draw_recruitment_chart",
    "find_ends",
]
