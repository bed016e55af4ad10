"""The tables that are a fold of the ledger against the ledger, row by row; then the counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias

import orjson
import sqlalchemy as sa

from capture.db import folded_tables
from capture.ledger.concealment import Concealment
from capture.ledger.fold import COUNTED, MemoryState, StateRow
from capture.ledger.reads import list_states
from capture.ledger.tables import counter

Group: TypeAlias = "tuple[str, dict[str, StateRow]]"
"""A ledger subject and its stored rows by id."""
UNREADABLE = (ValueError, sa.exc.DatabaseError)
"""What reading a row raises whose content was made into something that is no value at all."""


def state_findings(
    connection: sa.Connection, concealment: Concealment, study: str
) -> Iterator[str]:
    """Fold every subject anew and compare it with what is stored; then recount the counters."""
    counted: Counter[tuple[str, str]] = Counter()
    try:
        yield from _row_findings(connection, concealment, study, counted)
    except UNREADABLE:
        broken = list(_broken_rows(connection, study))
        if not broken:
            raise
        yield from broken
        return
    yield from _counter_findings(connection, study, counted)


def _row_findings(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    counted: Counter[tuple[str, str]],
) -> Iterator[str]:
    tables = [_Stored(connection, table, study) for table in folded_tables()]
    for state in list_states(connection, concealment, study):
        for table in tables:
            yield from table.list_differences(state)
            if table.name in COUNTED:
                for row in state.tables.get(table.name, {}).values():
                    counted.update(COUNTED[table.name](row))
    for table in tables:
        yield from table.left_over()


class _Stored:
    """One folded table's rows, subject by subject in the ledger's order."""

    def __init__(self, connection: sa.Connection, table: sa.Table, study: str) -> None:
        self.name = table.name
        self._groups = _by_subject(connection, table, study)
        self._next = next(self._groups, None)

    def list_differences(self, state: MemoryState) -> Iterator[str]:
        """Yield what differs between a folded state and the rows stored for the same subject."""
        yield from self._before(state.subject)
        found: dict[str, StateRow] = {}
        if self._next is not None and self._next[0] == state.subject:
            found = self._next[1]
            self._next = next(self._groups, None)
        yield from _differences(self.name, state.tables.get(self.name, {}), found)

    def left_over(self) -> Iterator[str]:
        return self._before(None)

    def _before(self, subject: str | None) -> Iterator[str]:
        """Rows of ledger subjects that the ledger does not know; None: all that are left."""
        while self._next is not None and (subject is None or self._next[0] < subject):
            yield from (f"{self.name} {row_id}: it has no ledger row" for row_id in self._next[1])
            self._next = next(self._groups, None)


def _by_subject(connection: sa.Connection, table: sa.Table, study: str) -> Iterator[Group]:
    statement = (
        sa.select(table)
        .where(table.c.study == study)
        .order_by(table.c.subject, table.c.id)
        .execution_options(yield_per=1_000)
    )
    rows = connection.execute(statement).mappings()
    for subject, mine in groupby(rows, key=lambda row: row["subject"]):
        yield subject, {row["id"]: dict(row) for row in mine}


def _differences(
    table: str, folded: dict[str, StateRow], stored: dict[str, StateRow]
) -> Iterator[str]:
    for row_id in sorted(folded.keys() | stored.keys()):
        if row_id not in stored:
            yield f"{table} {row_id}: the ledger has it, the table does not"
        elif row_id not in folded:
            yield f"{table} {row_id}: the table has it, the ledger does not"
        elif _write_row(folded[row_id]) != _write_row(stored[row_id]):
            columns = _columns(folded[row_id], stored[row_id])
            yield f"{table} {row_id}: {columns} differs from what the ledger says"


def _columns(folded: StateRow, stored: StateRow) -> str:
    differing = set(_pieces(folded)) ^ set(_pieces(stored))
    return ", ".join(dict.fromkeys(name for name, _value in sorted(differing)))


def _pieces(row: StateRow) -> Iterator[tuple[str, bytes]]:
    return ((name, _write_row({name: value})) for name, value in row.items())


def _write_row(row: StateRow) -> bytes:
    """Return a row so that 1 and true, equal in Python, are two things."""
    return orjson.dumps(sorted(row.items()), option=orjson.OPT_SORT_KEYS, default=repr)


def _broken_rows(connection: sa.Connection, study: str) -> Iterator[str]:
    for table in folded_tables():
        everything = sa.select(table).where(table.c.study == study)
        ids = sa.select(table.c.id).where(table.c.study == study).order_by(table.c.id)
        for row_id in connection.execute(ids).scalars().all():
            try:
                connection.execute(everything.where(table.c.id == row_id)).one()
            except UNREADABLE:
                yield f"{table.name} {row_id}: what is stored cannot be read"


def _counter_findings(
    connection: sa.Connection, study: str, counted: Counter[tuple[str, str]]
) -> Iterator[str]:
    stored = {
        (row.site, row.name): row.n
        for row in connection.execute(sa.select(counter).where(counter.c.study == study))
    }
    for site, name in sorted(counted.keys() | stored.keys()):
        says, recount = stored.get((site, name), 0), counted[site, name]
        if says != recount:
            yield f"counter {study} {site} {name}: it says {says}, a recount {recount}"
