"""A mark on a line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from pydantic import Field

from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.numbers import NumberItem
from forms.items.parts import Range
from forms.items.surroundings import Inventor
from forms.values.cells import Cell, Refusal
from forms.vocabulary import Words
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextBox, typing_attributes
from forms.widgets.parts import Widget, safe


class VisualAnalogue(NumberItem):
    """A mark on a line from 0 to `steps`, kept as a whole number."""

    type: Literal["vas"]
    low_label: Words
    high_label: Words
    steps: int = Field(default=100, ge=2, le=1000)

    @property
    def hard_range(self) -> Range:
        """The ends of the line."""
        return Range(minimum=Decimal(0), maximum=Decimal(self.steps))

    @property
    def stored_as(self) -> str:
        """The type with its steps."""
        return f"{super().stored_as} of {self.steps} steps"

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read a whole number on the line."""
        del unit
        return self.read_whole(text)

    def make_control(self, page: PageSettings) -> Widget:
        """Make a box; scripts draw the line."""
        low, high = f"0: {safe(self.low_label)}", f"{self.steps}: {safe(self.high_label)}"
        return TextBox(
            make_labelled_frame(self, page),
            " nhsuk-input--width-4",
            f'{typing_attributes("numeric")} data-line="{self.steps}"',
            before=f'<p class="app-line__ends"><span>{low}</span> <span>{high}</span></p>',
        )

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return a whole number."""
        del merged
        return [ItemColumn(kind=ColumnKind.WHOLE)]

    def invent(self, by: Inventor) -> Cell:
        """Mark the line anywhere."""
        return Cell(by.random.randint(0, self.steps))
