"""How benchmarks measure and what they print: figure, floor of the same run, ratio, budget."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

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


def report(what: str, figure: float, floor: float | None = None, *, budget: str = "") -> None:
    """One line: what was measured in milliseconds, and beside what."""
    ratio = f"{floor:9.2f} {figure / floor:6.1f}x" if floor else " " * 17
    print(f"{what:<44}{figure:9.2f} {ratio}  {budget}")


def heading(what: str) -> None:
    print(f"\n{what:<44}{'ms':>9} {'floor':>9} {'ratio':>7}  budget")


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


def driver_floor(folder: Path, rows: int, times: int) -> Spent:
    """SQLite's driver alone: so many rows of 1 kB in one transaction with fsync."""
    with closing(sqlite3.connect(folder / "floor.sqlite", isolation_level=None)) as plain:
        plain.execute("PRAGMA journal_mode=WAL")
        plain.execute("PRAGMA synchronous=FULL")
        plain.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, body TEXT)")
        text = "x" * 1_000

        def one(_number: int) -> None:
            plain.execute("BEGIN IMMEDIATE")
            for _ in range(rows):
                plain.execute("INSERT INTO floor (body) VALUES (?)", (text,))
            plain.execute("COMMIT")

        return median(one, times)
