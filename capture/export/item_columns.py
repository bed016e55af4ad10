"""The columns of one item in a dataset: those of its type, and why a value is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from capture.export import columns as kinds
from capture.export.columns import DatasetColumn
from capture.export.merged_definition import DatasetItem
from capture.ledger.fold import StateRow
from forms.definition import MissingReason
from forms.items.columns import ColumnKind, ItemColumn, StoredCell, list_columns

REDACTED = "redacted"
_NO_CELL: StoredCell = {}
_ARROW = {
    ColumnKind.TEXT: kinds.TEXT,
    ColumnKind.WHOLE: kinds.WHOLE,
    ColumnKind.TRUTH: kinds.TRUTH,
    ColumnKind.DATE: kinds.DATE,
    ColumnKind.LOCAL_TIME: kinds.LOCAL_TIME,
    ColumnKind.CLOCK_TIME: kinds.CLOCK_TIME,
}


@dataclass(frozen=True)
class EntryRow:
    """The source of a row of an instrument's dataset; `answers`: those that count."""

    person: StateRow
    entry: StateRow
    zone: str
    answers: Mapping[str, Any]


EntryColumn = DatasetColumn[EntryRow]
EntryValue = Callable[[EntryRow], Any]
EntryValues = Callable[[Sequence[EntryRow]], list[Any]]


def make_item_columns(item: DatasetItem, reasons: Mapping[str, str]) -> Iterator[EntryColumn]:
    """Every column of an item, its value first. reasons: why values may be missing, by code."""
    for column in list_columns(item.merged):
        yield _make_column(item, column)
    if not item.item.is_derived:
        yield _make_reason_column(item, reasons)


def label_missing_reasons(reasons: tuple[MissingReason, ...]) -> dict[str, str]:
    return {reason.code: reason.label for reason in reasons}


def _make_column(item: DatasetItem, column: ItemColumn) -> EntryColumn:
    is_value = not column.ending
    label = item.item.label
    return DatasetColumn(
        f"{item.name}{column.ending}",
        label if is_value else f"{label}: {column.words}",
        _get_arrow_type(column),
        _take_part(item.name, column.part)
        if column.take is None
        else _take_worked_out(item.name, column.take),
        item=item.name,
        unit=(item.item.canonical_unit or "") if is_value else "",
        codes=column.codes,
        is_free=column.is_free,
        follows=column.follows,
        take_all=_take_values(item.name) if is_value and column.take is None else None,
    )


def _get_arrow_type(column: ItemColumn) -> pa.DataType:
    if column.kind is ColumnKind.DECIMAL:
        return kinds.decimal(column.decimals)
    return _ARROW[column.kind]


def _make_reason_column(item: DatasetItem, reasons: Mapping[str, str]) -> EntryColumn:
    missing = _take_reasons(item.name)
    return DatasetColumn(
        f"{item.name}_mis",
        f"{item.item.label}: why it is missing",
        kinds.TEXT,
        lambda row: missing([row])[0],
        item=item.name,
        codes={**reasons, REDACTED: "Redacted"},
        take_all=missing,
    )


def _take_part(name: str, key: str) -> EntryValue:
    return lambda row: row.answers[name].get(key) if name in row.answers else None


def _take_worked_out(name: str, take: Callable[[StoredCell], Any]) -> EntryValue:
    return lambda row: take(row.answers.get(name, _NO_CELL))


def _take_values(name: str) -> EntryValues:
    """The cells' values of many rows; these and the reasons take most of an export's time."""

    def values(rows: Sequence[EntryRow]) -> list[Any]:
        docs = [row.answers for row in rows]
        return [doc[name].get("v") if name in doc else None for doc in docs]

    return values


def _take_reasons(name: str) -> EntryValues:
    def reasons(rows: Sequence[EntryRow]) -> list[Any]:
        docs = [row.answers for row in rows]
        return [_get_reason(doc[name]) if name in doc else None for doc in docs]

    return reasons


def _get_reason(cell: Mapping[str, Any]) -> str | None:
    if "v" in cell:
        return None
    return REDACTED if REDACTED in cell else cell.get("m")
