"""A calendar date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, Literal

from forms.expressions import ItemType, Kind
from forms.items.columns import ColumnKind, ItemColumn, MergedItem, list_partial_date_columns
from forms.items.dated import DatedItem, boxes_of
from forms.items.surroundings import Inventor, Purpose
from forms.partial_dates import parse_iso
from forms.values.cells import Cell, Refusal
from forms.values.dates import read_date
from forms.values.showing import Typed
from forms.widgets.frames import PageSettings
from forms.widgets.inputs import DateBoxes
from forms.widgets.parts import Widget


class DateItem(DatedItem):
    """A calendar date; `partial` allows an unknown day or month, `future` a date after today."""

    browser_kind: ClassVar[str] = "date"

    type: Literal["date"]
    partial: bool = False

    @property
    def serves(self) -> frozenset[Purpose]:
        """It may date a birth and an event; where it is whole, an assessment."""
        whole = () if self.partial else (Purpose.ASSESSMENT_DATE,)
        return frozenset({Purpose.BIRTH_DATE, Purpose.EVENT_DATE, *whole})

    @property
    def stored_as(self) -> str:
        """The type, and whether dates may lack a day."""
        return "date with unknown day or month allowed" if self.partial else "date"

    @property
    def example(self) -> str | None:
        """How to write what is not known."""
        return "Write UK for a day or month that is not known" if self.partial else None

    def read(self, typed: Sequence[str], *, today: date, unit: str | None) -> Cell | Refusal | None:
        """Read a date from one text or from day, month and year.

        A whole date that was typed or pasted into the first box is read as one text.
        """
        del unit
        first, *others = typed or ("",)
        is_whole = not any(others) and not first.isdigit()
        return read_date(self, [first] if is_whole else typed, today, partial=self.partial)

    def texts_of(self, cell: Cell) -> Typed:
        """Return the three boxes."""
        return Typed(boxes_of(str(cell.value) if cell.raw is None else cell.raw))

    def words_of(self, cell: Cell) -> str:
        """Return the date in words."""
        return parse_iso(str(cell.value)).words

    def make_control(self, page: PageSettings) -> Widget:
        """Make three boxes, with a button for today where the date is whole."""
        return DateBoxes(
            frame=self.make_box_frame(page),
            with_time=False,
            partial=self.partial,
            today_button=not self.partial,
        )

    @property
    def expression_type(self) -> ItemType:
        """A date."""
        return ItemType(Kind.DATE)

    @property
    def takes_partial_dates(self) -> bool:
        """Whether its dates may lack a day or a month."""
        return self.partial

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return a date; its text and bounds where some version took dates without a day."""
        if merged.is_partial:
            return list_partial_date_columns()
        return [ItemColumn(kind=ColumnKind.DATE)]

    def invent(self, by: Inventor) -> Cell:
        """Answer with a day of the last weeks, now and then without its day or month."""
        day = self.invent_day(by).isoformat()
        if self.partial and by.random.random() < 0.15:
            return Cell(day[: by.random.choice((4, 7))])
        return Cell(day)
