"""A cell in words, for the pages of any feature."""

from __future__ import annotations

from capture.entry.reads import REDACTED
from capture.timeline import BLANK, REMOVED
from forms.definition import Item, Study
from forms.values import Cell, show_value


def value_words(study: Study, item: Item | None, cell: Cell | None) -> str:
    """A cell in words; of an item that the study no longer has, the value as it is stored."""
    if cell is None:
        return BLANK
    if cell.missing == REDACTED:
        return REMOVED
    if item is None:
        return str(cell.value if cell.value is not None else cell.missing)
    return show_value(item, cell, study.missing_reasons)
