"""What a redaction frees inside a SQLite file is overwritten: the file holds the value no more."""

from __future__ import annotations

from capture.db import Database


def wipe_freed_pages(database: Database) -> None:
    """Write the SQLite file anew without its freed pages, and empty its write-ahead log.

    On PostgreSQL the server's own vacuum does this in its time; the application's role may not.
    Raises Busy when another write holds on too long.
    """
    if database.lock is None:
        return
    with database.lock.held():
        raw = database.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.fetchall()
            cursor.close()
        finally:
            raw.close()
