"""A whole number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.numbers import RangedNumber
from forms.items.surroundings import Inventor
from forms.values.cells import Cell, Refusal
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextBox, typing_attributes, unit_suffix
from forms.widgets.parts import Widget


class Integer(RangedNumber):
    """A whole number, with a unit when it measures something."""

    type: Literal["integer"]

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read a whole number."""
        del unit
        return self.read_whole(text)

    def make_control(self, page: PageSettings) -> Widget:
        """Make a narrow box with the unit behind it."""
        frame = make_labelled_frame(self, page, self.limit_attributes())
        mode = typing_attributes("numeric")
        return TextBox(frame, " nhsuk-input--width-5", mode, unit_suffix(self.unit))

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return a whole number."""
        del merged
        return [ItemColumn(kind=ColumnKind.WHOLE)]

    def invent(self, by: Inventor) -> Cell:
        """Answer within the limits."""
        return Cell(int(self.invent_number(by, 0)))
