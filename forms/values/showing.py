"""Showing a cell: as words for a page, and as it was typed for a form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.definition import (
    DateItem,
    DateTimeItem,
    DecimalNumber,
    Derived,
    FileItem,
    Integer,
    Item,
    MissingReason,
    MultipleChoice,
    SingleChoice,
    YesNo,
)
from forms.partial_dates import parse_iso
from forms.values.cells import Cell
from forms.values.files import attached_in
from forms.values.numbers import with_unit


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the boxes of a form for a cell: read again, it gives the same cell."""

    texts: tuple[str, ...]
    unit: str | None = None


def typed(item: Item, cell: Cell | None) -> Typed:
    """Give the texts of the item's boxes; a date has three, a datetime four, others one or more."""
    if cell is None or cell.value is None:
        return Typed(())
    if isinstance(cell.value, tuple):
        return Typed(cell.value)
    text = str(cell.value) if cell.raw is None else cell.raw
    if isinstance(item, DateItem):
        return Typed(_date_boxes(text))
    if isinstance(item, DateTimeItem):
        return Typed((*_date_boxes(text[:10]), text[11:]))
    return Typed((text,), cell.unit)


def _date_boxes(iso: str) -> tuple[str, str, str]:
    read = parse_iso(iso)
    day = str(read.day) if read.day else "UK"
    month = str(read.month) if read.month else "UK"
    return day, month, f"{read.year:04d}"


def show_value(item: Item, cell: Cell | None, reasons: Sequence[MissingReason] = ()) -> str:
    """Give a cell in words: labels for codes, units behind numbers; blank when there is none."""
    if cell is None or (cell.value is None and cell.missing is None):
        return ""
    if cell.value is None:
        labels = {reason.code: reason.label for reason in reasons}
        return labels.get(cell.missing or "", cell.missing or "")
    return _words(item, cell)


def _words(item: Item, cell: Cell) -> str:
    text = cell.value if isinstance(cell.value, str) else str(cell.value)
    match item:
        case SingleChoice() | YesNo() | MultipleChoice():
            return _labels(item, cell)
        case Integer() | DecimalNumber():
            return _number_words(with_unit(text, item.unit), cell)
        case DateItem():
            return parse_iso(text).words
        case DateTimeItem():
            return f"{parse_iso(text[:10]).words}, {text[11:]}"
        case Derived():
            return _derived_words(item, text)
        case FileItem():
            attached = attached_in(text)
            return attached.words if attached else text
        case _:
            return text


def _labels(item: SingleChoice | MultipleChoice | YesNo, cell: Cell) -> str:
    codes = cell.value if isinstance(cell.value, tuple) else (str(cell.value),)
    labels = {choice.code: choice.label for choice in item.choices}
    return ", ".join(labels.get(code, code) for code in codes)


def _number_words(shown: str, cell: Cell) -> str:
    if cell.unit is None:
        return shown
    return f"{shown} (entered as {cell.raw} {cell.unit})"


def _derived_words(item: Derived, text: str) -> str:
    if item.result == "date":
        return parse_iso(text).words
    if item.result == "code":
        return {choice.code: choice.label for choice in item.choices}.get(text, text)
    return with_unit(text, item.unit)
