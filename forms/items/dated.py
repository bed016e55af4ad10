"""What the types of date share: boxes, and dates that invented people give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import ClassVar

from forms.items.base import BaseItem
from forms.items.surroundings import Inventor
from forms.partial_dates import parse_iso
from forms.widgets.frames import PageSettings, make_grouped_frame
from forms.widgets.parts import Frame

DATE_BOXES = ("day", "month", "year")


class DatedItem(BaseItem):
    """A day that people type in three boxes; `future` allows one after today."""

    boxes: ClassVar[tuple[str, ...]] = DATE_BOXES
    takes_typed_reason: ClassVar[bool] = True

    future: bool = False
    earliest: date = date(1900, 1, 1)

    def make_box_frame(self, page: PageSettings) -> Frame:
        """Make what surrounds the boxes."""
        return replace(make_grouped_frame(self, page), role=' role="group"')

    @staticmethod
    def invent_day(by: Inventor) -> date:
        """Return a day of the last three weeks."""
        return by.day - timedelta(by.random.randint(0, 20))


def boxes_of(iso: str) -> tuple[str, str, str]:
    """Return a date's three boxes."""
    read = parse_iso(iso)
    day = str(read.day) if read.day else "UK"
    month = str(read.month) if read.month else "UK"
    return day, month, f"{read.year:04d}"
