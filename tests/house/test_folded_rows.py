"""The rows that folds put have a type, and it names the columns of the table as they are."""

from __future__ import annotations

from importlib import import_module
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
import sqlalchemy as sa

from capture.db import folded_tables
from capture.ledger.fold import FoldedTable
from capture.tables import MODULES

PLAIN = {sa.Text: str, sa.Integer: int, sa.Boolean: bool}


def declared() -> list[FoldedTable[Any]]:
    """What the features' tables.py say of the rows of their folded tables."""
    modules = [import_module(name) for name in MODULES if name.endswith(".tables")]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, FoldedTable)
    ]


def columns_of(table: sa.Table) -> dict[str, tuple[type | None, bool]]:
    """By column: the plain type of its values, None for a document, and whether it may be empty."""
    return {
        column.name: (PLAIN.get(type(column.type)), bool(column.nullable))
        for column in table.columns
    }


def keys_of(row: type, table: sa.Table) -> dict[str, tuple[type | None, bool]]:
    """The same of a row's type, which says of a document what suits it."""
    found = {}
    for name, hint in get_type_hints(row).items():
        kinds = set(get_args(hint)) if NoneType in get_args(hint) else {hint}
        column = table.columns.get(name)
        is_document = column is not None and isinstance(column.type, sa.JSON)
        (kind,) = kinds - {NoneType}
        found[name] = (None if is_document else kind, NoneType in kinds)
    return found


def test_every_folded_table_says_once_what_its_rows_are() -> None:
    names = sorted(table.name for table in declared())

    assert names == sorted(table.name for table in folded_tables()), (
        "beside each folded table, in tables.py: a TypedDict of its rows and a FoldedTable"
    )


@pytest.mark.parametrize("table", declared(), ids=lambda table: table.name)
def test_type_of_a_row_has_the_columns_of_its_table(table: FoldedTable[Any]) -> None:
    (stored,) = [found for found in folded_tables() if found.name == table.name]

    assert keys_of(table.row, stored) == columns_of(stored)
