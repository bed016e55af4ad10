"""What the first test did in its empty database, put into the next test's instead of done again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from capture.db import Database, metadata
from capture.study import service as study_service
from forms.load import read_folder

Made = TypeVar("Made")
Rows = dict[str, list[dict[str, Any]]]

_kept: dict[Hashable, tuple[Any, Rows]] = {}
_checked: dict[frozenset[tuple[str, bytes]], study_service.CheckedDefinition] = {}


def done_once(database: Database, acts: Hashable, do: Callable[[], Made]) -> Made:
    """Do the acts, or put in the rows that they left the first time; gives what they gave then.

    acts: the name of what is done, with all that it depends on. They may only add rows, and may
    give nothing that is of one database.
    """
    if acts in _kept:
        made, rows = _kept[acts]
        with database.writing() as connection:
            for name, added in rows.items():
                connection.execute(metadata.tables[name].insert(), added)
        return made  # type: ignore[no-any-return]
    before = _rows(database)
    made = do()
    after = _rows(database)
    assert all(row in after.get(name, ()) for name, rows in before.items() for row in rows)
    added = {
        name: [row for row in rows if row not in before.get(name, ())]
        for name, rows in after.items()
    }
    _kept[acts] = made, {name: rows for name, rows in added.items() if rows}
    return made


def checked(files: Mapping[str, bytes]) -> study_service.CheckedDefinition:
    """A definition checked once for a whole run."""
    key = frozenset(files.items())
    if key not in _checked:
        _checked[key] = study_service.check_definition(files)
    return _checked[key]


@cache
def checked_folder(folder: Path) -> study_service.CheckedDefinition:
    return checked(read_folder(folder))


def _rows(database: Database) -> Rows:
    with database.reading() as connection:
        return {
            table.name: rows
            for table in metadata.sorted_tables
            if (rows := [dict(row) for row in connection.execute(sa.select(table)).mappings()])
        }
