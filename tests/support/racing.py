"""Acts at the same moment, and whether the record still agrees."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from capture.ledger.verify import verify_study
from capture.problems import Problem
from tests.support.entries import Desk
from tests.support.trial import GIST


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment; what each gave, or the Problem it ran into."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Problem as problem:
            return problem

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def agrees(desk: Desk) -> bool:
    with desk.trial.database.reading() as connection:
        return verify_study(connection, desk.trial.concealment, GIST).agrees
