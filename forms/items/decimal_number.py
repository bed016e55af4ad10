"""A number with decimals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.measured import MeasuredNumber
from forms.items.surroundings import Inventor
from forms.values.cells import Cell
from forms.values.numbers import plain


class DecimalNumber(MeasuredNumber):
    """A number with a stated count of decimals, kept in its canonical unit."""

    type: Literal["decimal"]

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return an exact decimal."""
        return [ItemColumn(kind=ColumnKind.DECIMAL, decimals=merged.decimals)]

    def invent(self, by: Inventor) -> Cell:
        """Answer within the limits."""
        return Cell(plain(self.invent_number(by, self.decimals)))
