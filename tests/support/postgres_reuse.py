"""A test's database once more for the next test, emptied: copying a template anew takes far longer.

What is used again is as its template made it: rows and counters are put back as superuser, and a
database whose tables, triggers, rights or functions a test changed is dropped instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.support import postgres

MOST_TESTS = 50
"""Rows that were deleted stay in the files; before they slow anything the database is dropped."""
_PUT_OUT_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384 ORDER BY 1"
_COUNTERS = "SELECT quote_ident(sequencename), start_value, last_value FROM pg_sequences ORDER BY 1"
_GUARDS = """
SELECT format('TABLE %s %%s TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger
WHERE tgenabled = 'A' ORDER BY 1
"""
# The place of each row of a catalogue and who wrote it: another one after every change.
_CATALOGUES = (
    "pg_database WHERE datname = current_database()",
    "pg_class WHERE oid >= 16384",
    "pg_attribute WHERE attrelid >= 16384",
    "pg_trigger",
    "pg_constraint",
    "pg_rewrite",
    "pg_proc WHERE oid >= 16384",
    "pg_namespace",
    "pg_default_acl",
    "pg_db_role_setting",
)
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), sum(hashtext(concat(tableoid, ctid, xmin))) FROM {name}"  # noqa: S608  (ours)
    for name in _CATALOGUES
)


Superuser = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Standing:
    """A database that tests use in turn, and how its template left it."""

    urls: postgres.Urls
    connection: Superuser
    tables: list[str]
    rows: dict[str, bytes]
    counters: list[tuple[str, int, int | None]]
    guards: list[str]
    shape: list[tuple[Any, ...]]
    tests: int = field(default=0)


_free: dict[str, list[Standing]] = {}
_lent: dict[postgres.Urls, tuple[str, Standing]] = {}


def lend(template: str) -> postgres.Urls:
    """A database as `template` is, of one test alone until it is given back."""
    free = _free.setdefault(template, [])
    standing = free.pop() if free else _stand(postgres.new_database(template))
    _lent[standing.urls] = template, standing
    return standing.urls


def give_back(urls: postgres.Urls) -> None:
    """Empty a lent database for the next test, or drop it."""
    template, standing = _lent.pop(urls)
    standing.tests += 1
    if standing.tests < MOST_TESTS and _is_emptied(standing):
        _free[template].append(standing)
    else:
        standing.connection.close()
        postgres.drop_database(urls)


def _stand(urls: postgres.Urls) -> Standing:
    connection = postgres.as_superuser(urls)
    tables = [name for (name,) in connection.execute(_TABLES.encode())]
    return Standing(
        urls,
        connection,
        tables,
        {name: rows for name in tables if (rows := _rows(connection, name))},
        connection.execute(_COUNTERS.encode()).fetchall(),
        [guard for (guard,) in connection.execute(_GUARDS.encode())],
        _shape(connection),
    )


def _is_emptied(standing: Standing) -> bool:
    """Put rows and counters back; False where more than those was changed."""
    connection = standing.connection
    try:
        connection.execute(_PUT_OUT_OTHERS.encode())
    except psycopg.OperationalError:
        return False  # a test took the database itself away, and us with it
    if _shape(connection) != standing.shape:
        return False
    with connection.transaction():
        connection.execute("; ".join(_emptying(standing)).encode())
        for name, rows in standing.rows.items():
            with connection.cursor().copy(f"COPY {name} FROM STDIN".encode()) as copy:
                copy.write(rows)
    standing.shape = _shape(connection)
    return True


def _emptying(standing: Standing) -> Iterator[str]:
    """The commands that take every row away, past all that keeps rows in."""
    yield "SET LOCAL session_replication_role = replica"
    for guard in standing.guards:
        yield f"ALTER {guard % 'DISABLE'}"
    for name in standing.tables:
        yield f"DELETE FROM {name}"  # noqa: S608  (of the catalogue)
    for guard in standing.guards:
        yield f"ALTER {guard % 'ENABLE ALWAYS'}"
    for name, start, last in standing.counters:
        yield f"SELECT setval('{name}', {start if last is None else last}, {last is not None})"


def _rows(connection: Superuser, table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(bytes(part) for part in copy)


def _shape(connection: Superuser) -> list[tuple[Any, ...]]:
    return connection.execute(_SHAPE.encode()).fetchall()
