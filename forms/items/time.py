"""A time of day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from forms.expressions import ItemType, Kind
from forms.items.base import BaseItem
from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.surroundings import Inventor
from forms.values.cells import Cell, Refusal, refuse
from forms.values.dates import clock_time
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextBox, typing_attributes
from forms.widgets.parts import Widget


class TimeItem(BaseItem):
    """A time of day at the site, HH:MM."""

    takes_typed_reason: ClassVar[bool] = True

    type: Literal["time"]

    @property
    def example(self) -> str:
        """How a time is written."""
        return "24-hour clock, for example 14:30"

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read hours and minutes."""
        del unit
        time = clock_time(text)
        if time is None:
            return refuse(self, "enter hours and minutes from 00:00 to 23:59, for example 14:30")
        return Cell(time)

    def make_control(self, page: PageSettings) -> Widget:
        """Make a narrow box."""
        return TextBox(
            make_labelled_frame(self, page), " nhsuk-input--width-5", typing_attributes("numeric")
        )

    @property
    def expression_type(self) -> ItemType:
        """A time."""
        return ItemType(Kind.TIME)

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return the time of day."""
        del merged
        return [ItemColumn(kind=ColumnKind.CLOCK_TIME)]

    def invent(self, by: Inventor) -> Cell:
        """Answer with a time of the working day."""
        # The day is drawn as for dates, so that the same seed gives the same answers as before.
        by.random.randint(0, 20)
        return Cell(f"{by.random.randint(8, 17):02d}:{by.random.randint(0, 59):02d}")
