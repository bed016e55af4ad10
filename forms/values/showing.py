"""Showing a cell: as words for a page, and as it was typed for a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forms.values.cells import Cell

if TYPE_CHECKING:
    from forms.definition import MissingReason
    from forms.items import BaseItem


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the boxes of a form for a cell: read again, it gives the same cell."""

    texts: tuple[str, ...]
    unit: str | None = None


def typed_texts(item: BaseItem, cell: Cell | None) -> Typed:
    """Give the texts of the item's boxes; a date has three, a datetime four, others one or more."""
    if cell is None or cell.value is None:
        return Typed(())
    return item.texts_of(cell)


def show_value(item: BaseItem, cell: Cell | None, reasons: Sequence[MissingReason] = ()) -> str:
    """Return a cell in words: labels for codes, units behind numbers; blank when there is none."""
    if cell is None or (cell.value is None and cell.missing is None):
        return ""
    if cell.value is None:
        labels = {reason.code: reason.label for reason in reasons}
        return labels.get(cell.missing or "", cell.missing or "")
    return item.words_of(cell)
