"""Copies of a SQLite database by SQLite's own backup: whole also while others write."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from capture.problems import Refused

WAIT_SECONDS = 30.0
BESIDE = ("", "-wal", "-shm")


def path_of(url: str) -> Path:
    return Path(str(sa.make_url(url).database))


def copy(source: Path, target: Path) -> None:
    """Make the target what the source is, page by page in one step; others may be at work in both.

    Raises Refused when either is no sound database.
    """
    try:
        with (
            closing(sqlite3.connect(source, timeout=WAIT_SECONDS)) as outgoing,
            closing(sqlite3.connect(target, timeout=WAIT_SECONDS)) as incoming,
        ):
            outgoing.backup(incoming)
            incoming.execute("PRAGMA synchronous=FULL")
            found = incoming.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as problem:
        raise Refused(f"{source.name} could not be copied to {target}: {problem}.") from problem
    if found != "ok":
        raise Refused(f"{target} is not sound after the copy: {found}.")


def as_one_file(path: Path) -> None:
    """Leave everything in the file itself, without files beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def move_away(path: Path, name: str) -> Path:
    """Return a file that cannot be read another name, with what lies beside it."""
    for ending in BESIDE:
        beside = Path(f"{path}{ending}")
        if beside.exists():
            beside.rename(path.with_name(f"{name}{ending}"))
    return path.with_name(name)
