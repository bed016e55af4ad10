"""The state of one subject as it lies in the database, written through as it is folded."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from capture.db import Words, metadata
from capture.ledger.fold import COUNTED, StateRow
from capture.ledger.tables import counter

_NAMED_BY = ("id", "study", "subject")


@dataclass(frozen=True)
class _Statements:
    """What is executed on one folded table, made once: it costs more than running it."""

    read: sa.Select[Any]
    rows: sa.Select[Any]
    insert: sa.Insert
    update: sa.Update
    delete: sa.Delete


@cache
def _statements(table: str) -> _Statements:
    source = metadata.tables[table]
    wanted = {name: sa.bindparam(f"wanted_{name}", type_=Words) for name in _NAMED_BY}
    mine = source.c.study == wanted["study"], source.c.subject == wanted["subject"]
    is_row = source.c.id == wanted["id"], source.c.study == wanted["study"]
    return _Statements(
        read=sa.select(source).where(source.c.id == wanted["id"], *mine),
        rows=sa.select(source).where(*mine).order_by(source.c.id),
        insert=source.insert(),
        update=source.update().where(*is_row),
        delete=source.delete().where(*is_row),
    )


class DatabaseState:
    """Folded rows of one subject inside the open write transaction; notes what counters change.

    New rows are written together by `write`, so that a plan of fifty visits is one statement; what
    is read here knows of them before.
    """

    def __init__(
        self,
        connection: sa.Connection,
        study: str,
        subject: str,
        deltas: Counter[tuple[str, str, str]],
    ) -> None:
        self.connection = connection
        self.study = study
        self.subject = subject
        self._deltas = deltas
        self._seen: dict[str, dict[str, StateRow | None]] = defaultdict(dict)
        self._whole: set[str] = set()
        self._new: dict[str, dict[str, StateRow]] = defaultdict(dict)

    def get(self, table: str, row_id: str) -> StateRow | None:
        """A row as it stands; read once for each fact, since most folds get what they then put."""
        seen = self._seen[table]
        if row_id not in seen and table not in self._whole:
            # A fact that looks at a second row of a table mostly looks at many: then all are read.
            if seen:
                self._read_all(table)
            else:
                seen[row_id] = self._read(table, row_id)
        found = seen.get(row_id)
        return dict(found) if found is not None else None

    def _read(self, table: str, row_id: str) -> StateRow | None:
        wanted = {**self._is(row_id), "wanted_subject": self.subject}
        found = self.connection.execute(_statements(table).read, wanted).one_or_none()
        return dict(found._mapping) if found else None

    def _read_all(self, table: str) -> None:
        self._seen[table] |= {row["id"]: row for row in self.rows(table)}
        self._whole.add(table)

    def rows(self, table: str) -> list[StateRow]:
        wanted = {"wanted_study": self.study, "wanted_subject": self.subject}
        found = self.connection.execute(_statements(table).rows, wanted)
        stored = [dict(row._mapping) for row in found]
        new = [dict(row) for row in self._new[table].values()]
        return sorted(stored + new, key=_id) if new else stored

    def put(self, table: str, row: StateRow) -> None:
        full = {**row, "study": self.study, "subject": self.subject}
        before = self.get(table, row["id"])
        if before is None or row["id"] in self._new[table]:
            self._new[table][row["id"]] = full
        elif before != full:
            changed = {name: value for name, value in full.items() if before[name] != value}
            self.connection.execute(_statements(table).update, {**changed, **self._is(row["id"])})
        self._seen[table][row["id"]] = full
        self._count(table, before, full)

    def drop(self, table: str, row_id: str) -> None:
        before = self.get(table, row_id)
        if before is not None:
            self._write_new(table)
            self.connection.execute(_statements(table).delete, self._is(row_id))
            self._seen[table][row_id] = None
            self._count(table, before, None)

    def write(self) -> None:
        """Write the new rows, once the fact is folded."""
        for table in self._new:
            self._write_new(table)

    def _write_new(self, table: str) -> None:
        rows = list(self._new[table].values())
        self._new[table].clear()
        if rows:
            self.connection.execute(_statements(table).insert, rows)

    def _is(self, row_id: str) -> StateRow:
        return {"wanted_id": row_id, "wanted_study": self.study}

    def _count(self, table: str, before: StateRow | None, after: StateRow | None) -> None:
        counted = COUNTED.get(table)
        if counted is None:
            return
        for row, step in ((before, -1), (after, 1)):
            for site, name in counted(row) if row else ():
                self._deltas[self.study, site, name] += step


def _id(row: StateRow) -> str:
    return str(row["id"])


def add_to_counters(connection: sa.Connection, deltas: Counter[tuple[str, str, str]]) -> None:
    """Bring the counters up to date: last in the transaction and in one order for all savers."""
    steps = [
        {"study": study, "site": site, "name": name, "n": step}
        for (study, site, name), step in sorted(deltas.items())
        if step != 0
    ]
    if steps:
        connection.execute(_counting(connection.dialect.name), steps)


@cache
def _counting(dialect: str) -> sa.Insert:
    statement = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(counter)
    return statement.on_conflict_do_update(
        index_elements=[counter.c.study, counter.c.site, counter.c.name],
        set_={"n": counter.c.n + statement.excluded.n},
    )
