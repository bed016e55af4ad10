"""What a restore finds in its place: told when it would be lost, and kept in any case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from capture import clock
from capture.backup import sqlite_file
from capture.backup.manifest import BackupContents, Manifest, contents_of
from capture.backup.take import take
from capture.config import Config
from capture.db import Database
from capture.ledger.sealing import seal, tree_head
from capture.problems import Refused

AGAIN = "To restore all the same (what is here is kept beside it): --yes-replace."


def keep_present(config: Config, manifest: Manifest, *, yes_replace: bool) -> Path | None:
    """Back up what is there now and say where; None when there is nothing.

    Raises Refused, with nothing changed, when the backup lacks something of it that nobody has
    said may go.
    """
    name = f"replaced-{clock.instant().replace(':', '')}"
    try:
        lost = _list_lost(config, manifest)
    except sa.exc.DatabaseError as problem:
        if not config.is_sqlite:
            raise
        if not yes_replace:
            raise Refused(
                f"The database that is here cannot be read. Nothing was changed. {AGAIN}"
            ) from problem
        return sqlite_file.move_away(sqlite_file.path_of(config.database_url), name)
    if lost is None:
        return None
    if lost and not yes_replace:
        raise Refused(
            f"The database here holds what the backup does not: {', '.join(lost)}. Nothing was "
            f"changed. {AGAIN}"
        )
    take(config, config.data / name)
    return config.data / name


def _list_lost(config: Config, manifest: Manifest) -> list[str] | None:
    """Return what is here and not in the backup; None when nothing is here at all."""
    if config.is_sqlite and not sqlite_file.path_of(config.database_url).exists():
        return None
    database = Database(config.database_url if config.is_sqlite else config.owner_url)
    try:
        with database.reading() as connection:
            if not sa.inspect(connection).has_table("ledger"):
                return None
        seal(database)  # what a stopped worker left is no part of a tree head yet
        with database.reading() as connection:
            here = contents_of(connection, config.checkpoint_key)
            if not here.rows:
                return None
            return list(_more_than(connection, config, here, manifest.contents))
    finally:
        database.engine.dispose()


def _more_than(
    connection: sa.Connection, config: Config, here: BackupContents, backed_up: BackupContents
) -> Iterator[str]:
    for study, count in here.rows.items():
        more = count - backed_up.rows.get(study, 0)
        if more > 0:
            yield f"{more} ledger rows of {study}"
    sizes = {head.study: head.size for head in here.tree_heads}
    for head in backed_up.tree_heads:
        if sizes.get(head.study, 0) >= head.size:
            same = tree_head(connection, head.study, head.size, config.checkpoint_key)
            if same.root != head.root:
                yield f"another record of {head.study}"
