"""A date and time of day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Literal

from forms.expressions import ItemType, Kind
from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.dated import DATE_BOXES, DatedItem, boxes_of
from forms.items.surroundings import Inventor, Purpose
from forms.partial_dates import parse_iso
from forms.values.cells import Cell, Refusal
from forms.values.dates import read_datetime
from forms.values.showing import Typed
from forms.widgets.frames import PageSettings
from forms.widgets.inputs import DateBoxes
from forms.widgets.parts import Widget


class DateTimeItem(DatedItem):
    """A date and time of day at the site."""

    boxes: ClassVar[tuple[str, ...]] = (*DATE_BOXES, "time")
    browser_kind: ClassVar[str] = "datetime"

    type: Literal["datetime"]

    @property
    def serves(self) -> frozenset[Purpose]:
        """It may date an event or an assessment."""
        return frozenset({Purpose.EVENT_DATE, Purpose.ASSESSMENT_DATE})

    def read(self, typed: Sequence[str], *, today: date, unit: str | None) -> Cell | Refusal | None:
        """Read a date and time from one text or from day, month, year and time."""
        del unit
        return read_datetime(self, typed, today)

    def texts_of(self, cell: Cell) -> Typed:
        """Return the four boxes."""
        text = str(cell.value) if cell.raw is None else cell.raw
        return Typed((*boxes_of(text[:10]), text[11:]))

    def words_of(self, cell: Cell) -> str:
        """Return the date in words, then the time."""
        text = str(cell.value)
        return f"{parse_iso(text[:10]).words}, {text[11:]}"

    def make_control(self, page: PageSettings) -> Widget:
        """Make four boxes."""
        return DateBoxes(
            frame=self.make_box_frame(page), with_time=True, partial=False, today_button=True
        )

    @property
    def expression_type(self) -> ItemType:
        """A date and time."""
        return ItemType(Kind.DATETIME)

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return the site's local time."""
        del merged
        return [ItemColumn(kind=ColumnKind.LOCAL_TIME)]

    def invent(self, by: Inventor) -> Cell:
        """Answer with an hour of a working day of the last weeks."""
        day = self.invent_day(by)
        return Cell(f"{day.isoformat()}T{by.random.randint(8, 17):02d}:15")
