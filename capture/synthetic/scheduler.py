"""The forward clock of a rehearsal: acts in order, each of which may add later ones."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

from capture import clock

Act = Callable[[datetime], None]


class Scheduler:
    """What is still to happen. Acts of the same moment happen in the order they were added."""

    def __init__(self, end: datetime) -> None:
        self._end = end
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._count = 0

    def add(self, moment: datetime, act: Act) -> None:
        """Add an act; one after the end never happens."""
        if moment <= self._end:
            heapq.heappush(self._waiting, (moment, self._count, act))
            self._count += 1

    def run(self) -> int:
        """Run every act with the clock at its moment; return how many there were."""
        done = 0
        while self._waiting:
            moment, _, act = heapq.heappop(self._waiting)
            with clock.running_at(moment):
                act(moment)
            done += 1
        return done
