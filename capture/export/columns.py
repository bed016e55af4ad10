"""Columns of datasets: name, label, type, and how a value is read from a row's source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import pyarrow as pa

from capture.export.participant_record import ParticipantRecord

Plain: TypeAlias = "str | int | bool | None"
"""A value as it goes into the digest: dates, instants and decimals as exact text."""

R = TypeVar("R")

TEXT = pa.string()
WHOLE = pa.int64()
TRUTH = pa.bool_()
DATE = pa.date32()
INSTANT = pa.timestamp("us", "UTC")
LOCAL_TIME = pa.timestamp("s")
CLOCK_TIME = pa.time32("s")
DIGITS = 38
"""Digits of a decimal column, the most that Arrow's 128 bits hold."""


def decimal(decimals: int) -> pa.DataType:
    return pa.decimal128(DIGITS, decimals)


@dataclass(frozen=True)
class DatasetColumn(Generic[R]):
    """One column. take: gives its plain value from a row's material.

    codes: label by code. is_free: text that people typed. follows: its values follow from other
    columns (labels, bounds of partial dates), so that the digest leaves it out. take_all: the same
    as take for many rows at once, where that is worth it.
    """

    name: str
    label: str
    type: pa.DataType
    take: Callable[[R], Any] = field(repr=False)
    item: str = ""
    unit: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    is_free: bool = False
    follows: bool = False
    take_all: Callable[[Sequence[R]], list[Any]] | None = field(default=None, repr=False)

    def values(self, rows: Sequence[R]) -> list[Any]:
        """Return the plain values of many rows."""
        if self.take_all is not None:
            return self.take_all(rows)
        return [self.take(row) for row in rows]


@dataclass(frozen=True)
class Dataset(Generic[R]):
    """One dataset: its columns, and the rows each participant adds to it."""

    name: str
    title: str
    columns: tuple[DatasetColumn[R], ...]
    rows: Callable[[ParticipantRecord], Iterable[R]] = field(repr=False)
    instrument: str = ""

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([_make_field(column) for column in self.columns])

    def rename_if_taken(self, taken: Collection[str]) -> Dataset[R]:
        """Return the dataset under a name no other file has: a form may also be called `visits`."""
        return replace(self, name=f"{self.name}_form") if self.name in taken else self


class AnyDataset(Protocol):
    """A dataset with any type of row."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def columns(self) -> tuple[DatasetColumn[Any], ...]: ...

    @property
    def rows(self) -> Callable[[ParticipantRecord], Iterable[Any]]: ...

    @property
    def schema(self) -> pa.Schema: ...

    @property
    def instrument(self) -> str: ...


def _make_field(column: DatasetColumn[Any]) -> pa.Field:
    about = {"label": column.label, "item": column.item, "unit": column.unit}
    about |= {f"code:{code}": label for code, label in column.codes.items()}
    return pa.field(column.name, column.type, metadata={k: v for k, v in about.items() if v})


def make_names_unique(
    columns: Iterable[DatasetColumn[R]], keys: Iterable[str], items: Iterable[str]
) -> Iterator[DatasetColumn[R]]:
    """Make column names unique: keys keep theirs first, then items, then all other columns.

    A name already in use gets `_` at its end.
    """
    first = set(keys)
    taken = first | set(items)
    for column in columns:
        name = column.name
        if name != column.item or name in first:
            while name in taken:
                name += "_"
        taken.add(name)
        yield column if name == column.name else replace(column, name=name)


def local_day(instant: str, zone: str) -> str:
    """Return the calendar date (ISO) of an instant (UTC text) in a zone."""
    moment = datetime.fromisoformat(instant)
    return moment.astimezone(ZoneInfo(zone)).date().isoformat()


def as_arrow(values: Sequence[Plain], kind: pa.DataType) -> pa.Array:
    """Plain values as an Arrow array. Raises pyarrow.ArrowException for one that does not fit."""
    if kind == CLOCK_TIME:
        return pa.array([_count_seconds(value) for value in values], kind)
    if kind in (TEXT, WHOLE, TRUTH):
        return pa.array(values, kind)
    return pa.array(values, TEXT).cast(kind)


def _count_seconds(value: Plain) -> int | None:
    if not isinstance(value, str):
        return None
    hours, _, minutes = value.partition(":")
    return int(hours) * 3600 + int(minutes) * 60
