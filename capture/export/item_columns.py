"""The columns of one item in a dataset: those its type describes, and why a value is missing."""

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
    """What a row of an instrument's dataset is made of; `doc` without hidden answers."""

    person: StateRow
    entry: StateRow
    zone: str
    doc: Mapping[str, Any]


Made = DatasetColumn[EntryRow]
Take = Callable[[EntryRow], Any]
TakeAll = Callable[[Sequence[EntryRow]], list[Any]]


def item_columns(item: DatasetItem, reasons: Mapping[str, str]) -> Iterator[Made]:
    """Every column of an item, its value first. reasons: why values may be missing, by code."""
    for column in list_columns(item.merged):
        yield _make_column(item, column)
    if not item.item.is_derived:
        yield _reason_column(item, reasons)


def missing_reasons(reasons: tuple[MissingReason, ...]) -> dict[str, str]:
    return {reason.code: reason.label for reason in reasons}


def _make_column(item: DatasetItem, column: ItemColumn) -> Made:
    is_value = not column.ending
    label = item.item.label
    return DatasetColumn(
        f"{item.name}{column.ending}",
        label if is_value else f"{label}: {column.words}",
        _arrow_type(column),
        _part(item.name, column.part) if column.take is None else _work_out(item.name, column.take),
        item=item.name,
        unit=(item.item.canonical_unit or "") if is_value else "",
        codes=column.codes,
        is_free=column.is_free,
        follows=column.follows,
        take_all=_values(item.name) if is_value and column.take is None else None,
    )


def _arrow_type(column: ItemColumn) -> pa.DataType:
    if column.kind is ColumnKind.DECIMAL:
        return kinds.decimal(column.decimals)
    return _ARROW[column.kind]


def _reason_column(item: DatasetItem, reasons: Mapping[str, str]) -> Made:
    missing = _missing(item.name)
    return DatasetColumn(
        f"{item.name}_mis",
        f"{item.item.label}: why it is missing",
        kinds.TEXT,
        lambda row: missing([row])[0],
        item=item.name,
        codes={**reasons, REDACTED: "Redacted"},
        take_all=missing,
    )


def _part(name: str, key: str) -> Take:
    return lambda row: row.doc[name].get(key) if name in row.doc else None


def _work_out(name: str, take: Callable[[StoredCell], Any]) -> Take:
    return lambda row: take(row.doc.get(name, _NO_CELL))


def _values(name: str) -> TakeAll:
    """The cells' values of many rows; these and the reasons are most of what an export takes."""

    def values(rows: Sequence[EntryRow]) -> list[Any]:
        docs = [row.doc for row in rows]
        return [doc[name].get("v") if name in doc else None for doc in docs]

    return values


def _missing(name: str) -> TakeAll:
    def reasons(rows: Sequence[EntryRow]) -> list[Any]:
        docs = [row.doc for row in rows]
        return [_reason(doc[name]) if name in doc else None for doc in docs]

    return reasons


def _reason(cell: Mapping[str, Any]) -> str | None:
    if "v" in cell:
        return None
    return REDACTED if REDACTED in cell else cell.get("m")
