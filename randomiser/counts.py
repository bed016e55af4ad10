"""Counts of earlier participants in each arm, as adaptive methods need them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from randomiser.design import Design
from randomiser.history import Annotation, Event, Mistake

Levels = Mapping[str, str]
Cell = tuple[tuple[str | None, ...], str, tuple[str | None, ...]]
"""A stratum, the name of a factor (empty for none or all of them), level codes."""


@dataclass(frozen=True)
class Counts:
    """How many counted participants are in each arm, in the order of the design's arms.

    overall:  participants in the same stratum.
    factors:  those of them with the same level; one list for each minimised factor, in order.
    together: those of them with the same level of every minimised factor.
    """

    overall: list[int]
    factors: list[list[int]]
    together: list[int]


class Tally:
    """The participants counted so far, by the rule of the design.

    All participants allocated in this randomisation count, whatever the design version. A
    participant in an arm that the design does not have is not counted at all; a participant
    without a level of a factor is not counted for that factor.
    Source: docs/randomisation-protocol.md section 11.
    """

    def __init__(self, design: Design) -> None:
        self._arms = {arm.name: index for index, arm in enumerate(design.arms)}
        self._strata = [factor.name for factor in design.factors]
        self._minimised = [factor.name for factor in design.minimised]
        self._leaves_out = design.mistakes == "leave_out"
        self._cells: dict[Cell, list[int]] = {}
        self._people: dict[int, tuple[int, Levels]] = {}
        self._due: list[tuple[int, int, int, Annotation]] = []

    def add(self, event: Event) -> None:
        """Count an allocation's participant, with the levels used for it; ignore other events."""
        arm = self._arms.get(event.arm or "")
        if arm is None or event.number is None:
            return
        self._people[event.number] = (arm, event.levels or {})
        self._count(arm, event.levels or {}, 1)
        if self._leaves_out:
            for place, annotation in enumerate(event.annotations):
                after = event.number if annotation.after is None else annotation.after
                heappush(self._due, (after, event.number, place, annotation))

    def note_mistakes(self, before: int) -> None:
        """Correct the counts by the annotations made before this number was allocated."""
        while self._due and self._due[0][0] < before:
            _, number, _, annotation = heappop(self._due)
            if number in self._people:
                self._correct(number, annotation)

    def counts(self, levels: Levels) -> Counts:
        """Return the counts for a participant with these levels (factor to code)."""
        none = [0] * len(self._arms)
        overall, *factors, together = (
            self._cells.get(cell, none) for cell in self._cells_of(levels)
        )
        return Counts(overall, factors, together)

    def _correct(self, number: int, annotation: Annotation) -> None:
        arm, levels = self._people.pop(number)
        self._count(arm, levels, -1)
        if annotation.mistake is Mistake.WRONG_STRATUM:
            corrected = annotation.levels or levels
            self._people[number] = (arm, corrected)
            self._count(arm, corrected, 1)

    def _count(self, arm: int, levels: Levels, change: int) -> None:
        for cell in self._cells_of(levels):
            self._cells.setdefault(cell, [0] * len(self._arms))[arm] += change

    def _cells_of(self, levels: Levels) -> Iterator[Cell]:
        stratum = tuple(map(levels.get, self._strata))
        codes = tuple(map(levels.get, self._minimised))
        yield stratum, "", ()
        for name, code in zip(self._minimised, codes, strict=True):
            yield stratum, name, (code,)
        yield stratum, "", codes


def count_people(design: Design, history: Iterable[Event], before: int) -> Tally:
    """Return the tally that was used to allocate a study-wide number."""
    tally = Tally(design)
    for event in history:
        tally.add(event)
    tally.note_mistakes(before)
    return tally
