"""Overwrites the pages that a redaction frees in a SQLite file, so the value is gone from it."""

from __future__ import annotations

from capture.db import Database


def wipe_freed_pages(database: Database) -> None:
    """Write the SQLite file again without its freed pages, and empty its write-ahead log.

    On PostgreSQL the server's own vacuum does this later; the application's role may not.
    Raises Busy when another write takes too long.
    """
    if database.lock is None:
        return
    with database.lock.hold():
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
            cursor.close()
        finally:
            raw.close()
