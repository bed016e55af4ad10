"""How benchmarks measure and what they print: figure, floor of the same run, ratio, budget."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import psycopg
import sqlalchemy as sa

from capture.config import Config
from capture.db import Database

Prepared = TypeVar("Prepared")
WARM_UP = 5
MILLI = 1_000


@dataclass(frozen=True)
class Spent:
    """The medians of one piece of work, in milliseconds."""

    wall: float
    cpu: float


def median(
    work: Callable[[Prepared], object],
    times: int,
    prepare: Callable[[int], Prepared] = lambda number: number,  # type: ignore[assignment, return-value]
) -> Spent:
    """Do the work so many times, after a warm-up; preparing is outside the clock."""
    walls, cpus = [], []
    for number in range(-WARM_UP, times):
        prepared = prepare(number)
        wall, cpu = time.perf_counter(), time.process_time()
        work(prepared)
        if number >= 0:
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    return Spent(statistics.median(walls) * MILLI, statistics.median(cpus) * MILLI)


@dataclass(frozen=True)
class Spread:
    """One piece of work in milliseconds: elapsed, middle and slowest twentieth; CPU, the same."""

    middle: float
    slowest_twentieth: float
    cpu: float
    cpu_slowest_twentieth: float


def spread(work: Callable[[int], object], times: int) -> Spread:
    """Do the work so many times, after a warm-up."""
    walls, cpus = [], []
    for number in range(-WARM_UP, times):
        wall, cpu = time.perf_counter(), time.process_time()
        work(number)
        if number >= 0:
            walls.append((time.perf_counter() - wall) * MILLI)
            cpus.append((time.process_time() - cpu) * MILLI)
    last = -(-95 * times // 100) - 1
    return Spread(
        statistics.median(walls), sorted(walls)[last], statistics.median(cpus), sorted(cpus)[last]
    )


def report(what: str, figure: float, floor: float | None = None, *, budget: str = "") -> None:
    """One line: what was measured in milliseconds, and beside what."""
    ratio = f"{floor:9.2f} {figure / floor:6.1f}x" if floor else " " * 17
    print(f"{what:<44}{figure:9.2f} {ratio}  {budget}")


def heading(what: str) -> None:
    print(f"\n{what}\n{'':<44}{'ms':>9} {'floor':>9} {'ratio':>7}  budget")


@dataclass
class DatabasePart:
    """The time that an engine spends in the driver, statement by statement and in commits."""

    seconds: float = 0.0
    writes: int = 0
    since: float = 0.0

    def begin(self, *_: object) -> None:
        self.since = time.perf_counter()

    def end(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.seconds += time.perf_counter() - self.since
        self.writes += statement.startswith(("INSERT", "UPDATE"))


@contextmanager
def database_part(engine: sa.Engine) -> Iterator[DatabasePart]:
    """Add up what the driver takes for statements; a commit shows as the wall time around it."""
    part = DatabasePart()
    sa.event.listen(engine, "before_cursor_execute", part.begin)
    sa.event.listen(engine, "after_cursor_execute", part.end)
    try:
        yield part
    finally:
        sa.event.remove(engine, "before_cursor_execute", part.begin)
        sa.event.remove(engine, "after_cursor_execute", part.end)


def driver_floor(config: Config, rows: int, times: int) -> Spent:
    """The driver alone: so many rows of 1 kB, one by one in one transaction, and the commit."""
    if config.is_sqlite:
        connected = sqlite3.connect(config.data / "floor.sqlite", isolation_level=None)
        begin, insert = "BEGIN IMMEDIATE", "INSERT INTO floor (body) VALUES (?)"
    else:
        url = sa.make_url(config.owner_url).set(drivername="postgresql")
        plain_url = url.render_as_string(hide_password=False)
        connected = psycopg.connect(plain_url, autocommit=True)  # type: ignore[assignment]
        begin, insert = "BEGIN", "INSERT INTO floor (body) VALUES (%s)"
    with closing(connected) as plain:
        if config.is_sqlite:
            plain.execute("PRAGMA journal_mode=WAL")
            plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE floor (body TEXT)")
        text = "x" * 1_000

        def one(_number: int) -> None:
            plain.execute(begin)
            for _ in range(rows):
                plain.execute(insert, (text,))
            plain.execute("COMMIT")

        return median(one, times)


def waits_for_the_disk(database: Database) -> str:
    """Whether a commit waits until it lies on the disk: the server of the tests does not."""
    name, asked = (
        ("SQLite", "PRAGMA synchronous") if database.is_sqlite else ("PostgreSQL", "SHOW fsync")
    )
    with database.reading() as connection:
        waits = connection.execute(sa.text(asked)).scalar() not in {0, "off"}
    return f"{name}, commits {'wait' if waits else 'do not wait'} for the disk"
