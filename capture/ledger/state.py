"""The state of one subject as it lies in the database, written through as it is folded."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from capture.db import metadata
from capture.ledger.fold import COUNTED, Row
from capture.ledger.tables import counter


class DatabaseState:
    """Folded rows of one subject inside the open write transaction; notes what counters change."""

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
        self._seen: dict[tuple[str, str], Row | None] = {}

    def get(self, table: str, row_id: str) -> Row | None:
        """A row as it stands; read once for each fact, since most folds get what they then put."""
        if (table, row_id) not in self._seen:
            self._seen[table, row_id] = self._read(table, row_id)
        found = self._seen[table, row_id]
        return dict(found) if found is not None else None

    def _read(self, table: str, row_id: str) -> Row | None:
        source = metadata.tables[table]
        found = self.connection.execute(
            sa.select(source).where(*self._is(source, row_id), source.c.subject == self.subject)
        ).one_or_none()
        return dict(found._mapping) if found else None

    def rows(self, table: str) -> list[Row]:
        source = metadata.tables[table]
        found = self.connection.execute(
            sa.select(source)
            .where(source.c.study == self.study, source.c.subject == self.subject)
            .order_by(source.c.id)
        )
        return [dict(row._mapping) for row in found]

    def put(self, table: str, row: Row) -> None:
        source = metadata.tables[table]
        full = {**row, "study": self.study, "subject": self.subject}
        before = self.get(table, row["id"])
        if before is None:
            self.connection.execute(source.insert().values(full))
        elif before != full:
            self.connection.execute(
                source.update().where(*self._is(source, row["id"])).values(full)
            )
        self._seen[table, row["id"]] = full
        self._count(table, before, full)

    def drop(self, table: str, row_id: str) -> None:
        source = metadata.tables[table]
        before = self.get(table, row_id)
        if before is not None:
            self.connection.execute(source.delete().where(*self._is(source, row_id)))
            self._seen[table, row_id] = None
            self._count(table, before, None)

    def _is(self, source: sa.Table, row_id: str) -> tuple[sa.ColumnElement[bool], ...]:
        return source.c.id == row_id, source.c.study == self.study

    def _count(self, table: str, before: Row | None, after: Row | None) -> None:
        counted = COUNTED.get(table)
        if counted is None:
            return
        for row, step in ((before, -1), (after, 1)):
            for site, name in counted(row) if row else ():
                self._deltas[self.study, site, name] += step


def add_to_counters(connection: sa.Connection, deltas: Counter[tuple[str, str, str]]) -> None:
    """Bring the counters up to date: last in the transaction and in one order for all savers."""
    for (study, site, name), step in sorted(deltas.items()):
        if step == 0:
            continue
        values = {"study": study, "site": site, "name": name, "n": step}
        insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
        statement = insert(counter).values(values)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=[counter.c.study, counter.c.site, counter.c.name],
                set_={"n": counter.c.n + step},
            )
        )
