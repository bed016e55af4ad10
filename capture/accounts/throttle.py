"""Counting failed passwords by account and address, in the database, for all workers alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from capture import clock
from capture.accounts.tables import throttle as table
from capture.problems import Throttled

WINDOW = timedelta(hours=1)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
ADDRESS_LIMIT = 50
"""Higher than an account's: a whole hospital may share one address."""


@dataclass(frozen=True)
class Counter:
    """What failures are counted for, and how many are allowed without a wait."""

    key: str
    limit: int


_COUNTED = sa.select(table.c.key, table.c.blocked_until).where(
    table.c.key.in_(sa.bindparam("keys", expanding=True))
)


def list_counters(account: str, address: str, *, familiar: bool) -> tuple[Counter, ...]:
    """Return what an attempt counts against; `account` is the keyed hash of an e-mail address.

    A person at an address that they have signed in from before has a counter of their own, so that
    nobody elsewhere can lock them out.
    """
    where = f"/{address}" if familiar else ""
    return (
        Counter(f"account/{account}{where}", ACCOUNT_LIMIT),
        Counter(f"address/{address}", ADDRESS_LIMIT),
    )


def refuse_blocked(connection: sa.Connection, counted: Iterable[Counter]) -> bool:
    """Return whether the account has failed before, so that note_success has something to forget.

    Raises Throttled, naming the wait, while one of the counters is blocked.
    """
    keys = [counter.key for counter in counted]
    rows = connection.execute(_COUNTED, {"keys": keys}).all()
    until = max((row.blocked_until for row in rows if row.blocked_until), default=None)
    if until is not None and until > clock.instant():
        left = clock.from_text(until) - clock.now()
        minutes = -(-int(left.total_seconds() + 1) // 60)
        raise Throttled(
            f"There were too many attempts. Wait {minutes} minute{'s' if minutes > 1 else ''}, "
            "then try again."
        )
    return not {row.key for row in rows}.isdisjoint(_list_account_keys(counted))


def note_failure(connection: sa.Connection, counted: Iterable[Counter]) -> None:
    """Count one failure; from the limit on each doubles the wait, up to a quarter of an hour."""
    for counter in sorted(counted, key=lambda counted_for: counted_for.key):
        row = _lock_counter(connection, counter.key)
        now = clock.now()
        is_old = clock.from_text(row.first_at) + WINDOW <= now
        failures = 1 if is_old else row.failures + 1
        connection.execute(
            table.update()
            .where(table.c.key == counter.key)
            .values(
                failures=failures,
                first_at=clock.as_text(now) if is_old else row.first_at,
                blocked_until=_compute_block_end(failures, counter.limit),
            )
        )


def note_success(connection: sa.Connection, counted: Iterable[Counter]) -> None:
    """Forget the account's failures; the address's stay, or one known account would reset them."""
    connection.execute(table.delete().where(table.c.key.in_(_list_account_keys(counted))))


def _list_account_keys(counted: Iterable[Counter]) -> list[str]:
    return [counter.key for counter in counted if counter.key.startswith("account/")]


def _lock_counter(connection: sa.Connection, key: str) -> sa.Row[Any]:
    """Return the counter's row, made first if need be, locked against other attempts."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = {"key": key, "failures": 0, "first_at": clock.instant()}
    connection.execute(insert(table).values(fresh).on_conflict_do_nothing())
    return connection.execute(sa.select(table).where(table.c.key == key).with_for_update()).one()


def _compute_block_end(failures: int, limit: int) -> str | None:
    if failures < limit:
        return None
    doublings = min(failures - limit, 10)
    delay: timedelta = min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)
    return clock.as_text(clock.now() + delay)
