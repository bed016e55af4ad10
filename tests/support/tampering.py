"""What the database's owner can do behind the program's back: triggers off, any row changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import orjson
import sqlalchemy as sa

from capture.config import Config
from capture.db import Database, folded_tables
from capture.ledger import canonical
from capture.ledger.concealment import Concealment
from capture.ledger.merkle import leaf_hash
from capture.ledger.payloads import row_digest
from capture.ledger.reads import list_states
from capture.ledger.sealing import public_key, tree_head
from capture.ledger.tables import checkpoint, ledger, ledger_body, seal, unsealed
from capture.ledger.verify import loose_bodies, studies_anywhere, verify_study

GUARDED = ("attached_file", "ledger", "ledger_body", "seal", "checkpoint", "study_bundle")
REFERRING = (ledger_body, seal, unsealed)
ALLOWED_INSTEAD = {("study_version", "state"): "superseded"}
"""Where a constraint of the table leaves no free choice."""


@contextmanager
def owner_of(config: Config, *, keep: bool = False) -> Iterator[sa.Connection]:
    """The owner's connection without triggers and foreign keys; rolled back unless kept."""
    database = Database(config.database_url if config.is_sqlite else config.owner_url)
    if config.is_sqlite:
        sa.event.listen(
            database.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys=OFF")
        )
    with database.engine.connect() as connection:
        _disarm(connection)
        yield connection
        if keep:
            connection.commit()
        connection.rollback()
    database.engine.dispose()


def _disarm(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for name in names.scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    for table in GUARDED:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for referring in REFERRING:
        for key in sa.inspect(connection).get_foreign_keys(referring.name):
            connection.exec_driver_sql(
                f"ALTER TABLE {referring.name} DROP CONSTRAINT {key['name']}"
            )


def findings(connection: sa.Connection, config: Config) -> list[str]:
    """What verify says of every study, as `sarcomere verify` does."""
    concealment = Concealment(config.concealment_key)
    keys = {public_key(config.checkpoint_key)}
    found = loose_bodies(connection)
    for study in studies_anywhere(connection):
        found += verify_study(connection, concealment, study, keys=keys).findings
    return found


def tables_with_rows(connection: sa.Connection) -> list[sa.Table]:
    """The folded tables in which there is something to change."""
    return [table for table in folded_tables() if rows_of(connection, table)]


def rows_of(connection: sa.Connection, table: sa.Table) -> Sequence[sa.RowMapping]:
    statement = sa.select(table).order_by(*table.primary_key.columns)
    return connection.execute(statement).mappings().all()


def change(connection: sa.Connection, table: sa.Table, row: sa.RowMapping, column: str) -> None:
    """Make one value of one row another one."""
    value = other(table, column, row[column])
    connection.execute(table.update().where(_key(table, row)).values({column: value}))


def remove(connection: sa.Connection, table: sa.Table, row: sa.RowMapping) -> None:
    connection.execute(table.delete().where(_key(table, row)))


def _key(table: sa.Table, row: sa.RowMapping) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == row[column.name] for column in table.primary_key.columns))


def other(table: sa.Table, column: str, value: Any) -> Any:
    """Another value of the same type."""
    if (table.name, column) in ALLOWED_INSTEAD:
        return ALLOWED_INSTEAD[table.name, column]
    kind = table.c[column].type
    if isinstance(kind, sa.Boolean):
        return not value
    if isinstance(kind, sa.LargeBinary):
        return bytes(value) + b"0"
    if isinstance(kind, sa.Integer):
        return (value or 0) + 1_000
    if isinstance(kind, sa.JSON):
        return _other_document(value)
    return f"{value or ''}0"


def _other_document(value: Any) -> Any:
    """The same document with one of its leaves changed."""
    if isinstance(value, dict) and value:
        name = sorted(value)[-1]
        return {**value, name: _other_document(value[name])}
    if isinstance(value, list) and value:
        return [*value[:-1], _other_document(value[-1])]
    return f"{value or ''}0"


def rewrite(connection: sa.Connection, config: Config, ledger_id: str, item: str) -> None:
    """Everything that somebody with database and keys can do: another value, and all that follows.

    The row's hashes, the folded state, every leaf and every checkpoint's root and signature.
    """
    row = connection.execute(sa.select(ledger).where(ledger.c.id == ledger_id)).mappings().one()
    body = orjson.loads(
        connection.execute(
            sa.select(ledger_body.c.body).where(ledger_body.c.ledger_id == ledger_id)
        ).scalar_one()
    )
    salt, old, new = body[item]
    body[item] = [salt, old, _other_document(new)]
    changed = {**row, "body_hash": canonical.body_digest(body)}
    changed["row_hash"] = row_digest(changed)
    connection.execute(
        ledger_body.update()
        .where(ledger_body.c.ledger_id == ledger_id)
        .values(body=canonical.canonical(body).decode())
    )
    connection.execute(ledger.update().where(ledger.c.id == ledger_id).values(changed))
    _fold_again(connection, config, row["study"], row["subject"])
    _seal_again(connection, ledger_id, changed["row_hash"])
    _sign_again(connection, config, row["study"])


def _fold_again(connection: sa.Connection, config: Config, study: str, about: str) -> None:
    concealment = Concealment(config.concealment_key)
    (state,) = list_states(connection, concealment, study, subjects=[about])
    for table in folded_tables():
        for row in state.tables.get(table.name, {}).values():
            connection.execute(table.update().where(table.c.id == row["id"]).values(row))


def _seal_again(connection: sa.Connection, ledger_id: str, row_hash: str) -> None:
    mine = seal.c.ledger_id == ledger_id
    sealed = connection.execute(sa.select(seal).where(mine)).one()
    leaf = leaf_hash(row_hash, sealed.position, sealed.sealed_at)
    connection.execute(seal.update().where(mine).values(leaf=leaf))


def _sign_again(connection: sa.Connection, config: Config, study: str) -> None:
    for row in rows_of(connection, checkpoint):
        if row["study"] == study:
            head = tree_head(connection, study, row["size"], config.checkpoint_key)
            connection.execute(
                checkpoint.update().where(_key(checkpoint, row)).values(asdict(head))
            )
