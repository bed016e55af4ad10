"""The columns of one item by its type: value, label, unit, bounds, and why it is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from capture.export import columns as kinds
from capture.export.columns import Column
from capture.export.union import UnionItem
from capture.ledger.fold import Row
from forms.definition import (
    DateItem,
    DateTimeItem,
    DecimalNumber,
    Derived,
    FileItem,
    Integer,
    MissingReason,
    MultipleChoice,
    SingleChoice,
    TimeItem,
    VisualAnalogue,
    YesNo,
)
from forms.partial_dates import parse_iso
from forms.values import attached_in

REDACTED = "redacted"


@dataclass(frozen=True)
class EntryRow:
    """What a row of an instrument's dataset is made of; `doc` without hidden answers."""

    person: Row
    entry: Row
    zone: str
    doc: Mapping[str, Any]


Made = Column[EntryRow]
Take = Callable[[EntryRow], Any]
TakeAll = Callable[[Sequence[EntryRow]], list[Any]]


def item_columns(item: UnionItem, reasons: Mapping[str, str]) -> Iterator[Made]:
    """Every column of an item, its value first. reasons: why values may be missing, by code."""
    yield from _value_columns(item)
    if item.units:
        yield _beside(item, "unit", "unit as entered", _unit(item))
    if isinstance(item.item, Derived):
        if item.item.rules:
            yield _beside(item, "rule", "rule that decided", _part(item.name, "rule"))
        return
    known = {**reasons, REDACTED: "Redacted"}
    words = f"{item.item.label}: why it is missing"
    missing = _missing(item.name)
    yield Column(
        f"{item.name}_mis",
        words,
        kinds.TEXT,
        lambda row: missing([row])[0],
        item=item.name,
        codes=known,
        take_all=missing,
    )


def missing_reasons(reasons: tuple[MissingReason, ...]) -> dict[str, str]:
    return {one.code: one.label for one in reasons}


def _value_columns(item: UnionItem) -> Iterator[Made]:
    if item.is_mixed:
        yield _value(item, kinds.TEXT, _as_text(item.name), is_free=True)
        return
    match item.item:
        case DateItem():
            yield from _dates(item)
        case SingleChoice() | YesNo():
            yield from _codes(item)
        case MultipleChoice():
            yield from (_chosen(item, code, label) for code, label in item.codes.items())
        case Derived():
            yield from _derived(item)
        case FileItem():
            yield _value(item, kinds.TEXT, _of_file(item.name, "sha256"))
            size = _of_file(item.name, "size")
            yield _beside(item, "size", "size in bytes", size, kinds.WHOLE)
        case _:
            kind = _plain_kind(item)
            yield _value(item, kind, is_free=kind == kinds.TEXT)


def _plain_kind(item: UnionItem) -> pa.DataType:
    """The type of an item whose one value stands as it is; text when it is none of these."""
    match item.item:
        case Integer() | VisualAnalogue():
            return kinds.WHOLE
        case DecimalNumber():
            return kinds.decimal(item.decimals)
        case DateTimeItem():
            return kinds.LOCAL_TIME
        case TimeItem():
            return kinds.CLOCK_TIME
        case _:
            return kinds.TEXT


def _derived(item: UnionItem) -> Iterator[Made]:
    result = item.item.result if isinstance(item.item, Derived) else "text"
    if result == "number":
        yield _value(item, kinds.decimal(item.decimals))
    elif result == "date":
        yield from _partial_dates(item)
    elif result == "code":
        yield from _codes(item)
    else:
        yield _value(item, kinds.TEXT, is_free=True)


def _dates(item: UnionItem) -> Iterator[Made]:
    if item.is_partial:
        yield from _partial_dates(item)
    else:
        yield _value(item, kinds.DATE)


def _partial_dates(item: UnionItem) -> Iterator[Made]:
    """The ISO text as entered, and the first and last day it can have been."""
    take = _part(item.name, "v")
    yield _value(item, kinds.TEXT)
    for end in ("earliest", "latest"):
        yield _beside(item, end, f"{end} possible day", _bound(take, end), kinds.DATE, follows=True)


def _codes(item: UnionItem) -> Iterator[Made]:
    take, labels = _part(item.name, "v"), item.codes
    yield _value(item, kinds.TEXT, codes=labels)
    yield _beside(item, "lbl", "label", lambda row: labels.get(take(row)), kinds.TEXT, follows=True)


def _chosen(item: UnionItem, code: str, label: str) -> Made:
    take = _part(item.name, "v")

    def is_chosen(row: EntryRow) -> bool | None:
        chosen = take(row)
        return None if chosen is None else code in chosen

    words = f"{item.item.label}: {label}"
    return Column(f"{item.name}___{code}", words, kinds.TRUTH, is_chosen, item=item.name)


def _value(
    item: UnionItem,
    kind: pa.DataType,
    take: Take | None = None,
    *,
    codes: Mapping[str, str] | None = None,
    is_free: bool = False,
) -> Made:
    """The column of the item's own value; take: where that is not the cell's value as it stands."""
    take_all = None if take else _values(item.name)
    unit = getattr(item.item, "unit", None) or ""
    return Column(
        item.name,
        item.item.label,
        kind,
        take or _part(item.name, "v"),
        item=item.name,
        unit=unit,
        codes=codes or {},
        is_free=is_free,
        take_all=take_all,
    )


def _beside(
    item: UnionItem,
    suffix: str,
    words: str,
    take: Take,
    kind: pa.DataType = kinds.TEXT,
    *,
    codes: Mapping[str, str] | None = None,
    follows: bool = False,
) -> Made:
    return Column(
        f"{item.name}_{suffix}",
        f"{item.item.label}: {words}",
        kind,
        take,
        item=item.name,
        codes=codes or {},
        follows=follows,
    )


def _part(name: str, key: str) -> Take:
    return lambda row: row.doc[name].get(key) if name in row.doc else None


def _as_text(name: str) -> Take:
    def text(row: EntryRow) -> str | None:
        value = row.doc.get(name, {}).get("v")
        if isinstance(value, list):
            return ",".join(value)
        return None if value is None else str(value)

    return text


def _of_file(name: str, what: str) -> Take:
    """The hash or the size of an attached file; its name, which people chose, may identify."""

    def take(row: EntryRow) -> Any:
        return getattr(attached_in(row.doc.get(name, {}).get("v")), what, None)

    return take


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


def _unit(item: UnionItem) -> Take:
    """The unit as entered: the canonical one when the cell names no other."""
    canonical = item.item.unit if isinstance(item.item, DecimalNumber) else None

    def unit(row: EntryRow) -> str | None:
        cell = row.doc.get(item.name, {})
        return None if cell.get("v") is None else cell.get("u") or canonical

    return unit


def _bound(take: Take, end: str) -> Take:
    def day(row: EntryRow) -> str | None:
        iso = take(row)
        return None if iso is None else getattr(parse_iso(iso), end).isoformat()

    return day
