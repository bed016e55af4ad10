"""Columns of a dataset as an item describes them, and an item as all versions asked it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from forms.partial_dates import parse_iso

if TYPE_CHECKING:
    from forms.items import Item

StoredCell = Mapping[str, Any]
"""A cell as it is stored; `forms.values.Cell` names its keys."""


class ColumnKind(StrEnum):
    """What the values of a column are; whoever writes a file knows its type for each."""

    TEXT = "text"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    TRUTH = "true or false"
    DATE = "date"
    LOCAL_TIME = "date and time"
    CLOCK_TIME = "time of day"


@dataclass(frozen=True)
class ItemColumn:
    """One column of an item.

    ending: what follows the item's name, blank for the item's own value. words: what follows its
    label. part: the key of the stored cell whose value stands here. take: works the value out of
    the stored cell, where it is no part as it stands. codes: label by code. is_free: text that
    people typed. follows: its values follow from other columns.
    """

    ending: str = ""
    words: str = ""
    kind: ColumnKind = ColumnKind.TEXT
    part: str = "v"
    take: Callable[[StoredCell], Any] | None = field(default=None, repr=False)
    decimals: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)
    is_free: bool = False
    follows: bool = False


@dataclass(frozen=True)
class MergedItem:
    """An item as all versions asked it.

    newest: its newest form. codes: label by code, of all versions, the newest labels; codes that
    only older versions had come last. decimals: the most of any. units: those it may have been
    entered in, none where there is only one. is_partial: some version took dates without a day.
    is_mixed: the versions differ in what their values are.
    """

    newest: Item
    codes: Mapping[str, str]
    decimals: int
    units: tuple[str, ...]
    is_partial: bool
    is_mixed: bool


def merge_versions(items: Sequence[Item]) -> MergedItem:
    """Merge the versions of one item, newest first."""
    labels: dict[str, str] = {}
    for item in items:
        for choice in item.answers:
            labels.setdefault(choice.code, choice.label)
    units = tuple(dict.fromkeys(unit for item in items for unit in item.entry_units))
    return MergedItem(
        newest=items[0],
        codes=labels,
        decimals=max(item.value_decimals for item in items),
        units=units if len(units) > 1 else (),
        is_partial=any(item.takes_partial_dates for item in items),
        is_mixed=len({item.value_kind for item in items}) > 1,
    )


def list_columns(merged: MergedItem) -> Sequence[ItemColumn]:
    """Return every column of an item, its value first; why it is missing is left to the dataset."""
    if merged.is_mixed:
        columns = [ItemColumn(take=_as_text, is_free=True)]
    else:
        columns = list(merged.newest.list_value_columns(merged))
    if merged.units:
        columns.append(_entered_unit(merged.newest.canonical_unit))
    return [*columns, *merged.newest.list_further_columns()]


def list_code_columns(codes: Mapping[str, str]) -> Sequence[ItemColumn]:
    """Return a code and its label."""

    def label(cell: StoredCell) -> str | None:
        return codes.get(cell.get("v", ""))

    return [
        ItemColumn(codes=codes),
        ItemColumn("_lbl", "label", take=label, follows=True),
    ]


def list_partial_date_columns() -> Sequence[ItemColumn]:
    """Return the ISO text as entered, and the first and last day it can have been."""
    bounds = (
        ItemColumn(
            f"_{end}", f"{end} possible day", ColumnKind.DATE, take=_bound(end), follows=True
        )
        for end in ("earliest", "latest")
    )
    return [ItemColumn(), *bounds]


def _bound(end: str) -> Callable[[StoredCell], str | None]:
    def day(cell: StoredCell) -> str | None:
        iso = cell.get("v")
        if iso is None:
            return None
        read = parse_iso(iso)
        return (read.earliest if end == "earliest" else read.latest).isoformat()

    return day


def _as_text(cell: StoredCell) -> str | None:
    value = cell.get("v")
    if isinstance(value, list):
        return ",".join(value)
    return None if value is None else f"{cell.get('s', '')}{value}"


def _entered_unit(canonical: str | None) -> ItemColumn:
    """Return the unit as entered: the canonical one when the cell names no other."""

    def unit(cell: StoredCell) -> str | None:
        return None if cell.get("v") is None else cell.get("u") or canonical

    return ItemColumn("_unit", "unit as entered", take=unit)
