"""All possible courses of allocation for given participants, with their exact chances.

The participants, their levels and their order stay the same; only chance differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Protocol

from randomiser.counts import Counts
from randomiser.design import Design, is_adaptive, level_codes
from randomiser.next_allocation import odds_and_imbalances
from randomiser.simulation.chain import Chain, State, chain_of

Levels = Mapping[str, str]
Course = tuple[int, ...]
"""The arm of each person in order, as its index in the design."""
Known = tuple[tuple[State, Fraction], ...]
"""The states that a list may be in, each with its chance once its arms so far are known."""
MOST_PEOPLE = 200
"""More can take more courses than anybody waits for."""


class TooMany(Exception):
    """There are more courses than the most that were asked for."""


class _Trial(Protocol):
    """A trial in progress: the possible next arms, a step forward and a step back."""

    def chances(self, number: int) -> Sequence[Fraction]: ...

    def take(self, number: int, arm: int) -> None: ...

    def undo(self, number: int, arm: int) -> None: ...


def courses(design: Design, people: Sequence[Levels], most: int) -> list[tuple[Course, Fraction]]:
    """Return every possible course with its chance; the chances are above 0 and add up to 1.

    Raises TooMany when there are more than `most`, UnknownLevel for levels outside the design.
    """
    if len(people) > MOST_PEOPLE:
        raise TooMany
    found: list[tuple[Course, Fraction]] = []
    for course in _follow_courses(_trial_of(design, people), (), Fraction(1), len(people)):
        if len(found) == most:
            raise TooMany
        found.append(course)
    return found


def first_impossible(design: Design, people: Sequence[Levels], course: Course) -> int | None:
    """Return the index of the first participant who could not get this arm; None if all could."""
    trial = _trial_of(design, people)
    for number, arm in enumerate(course):
        if not trial.chances(number)[arm]:
            return number
        trial.take(number, arm)
    return None


def _follow_courses(
    trial: _Trial, arms: Course, chance: Fraction, people: int
) -> Iterator[tuple[Course, Fraction]]:
    number = len(arms)
    if number == people:
        yield arms, chance
        return
    for arm, share in enumerate(trial.chances(number)):
        if share:
            trial.take(number, arm)
            yield from _follow_courses(trial, (*arms, arm), chance * share, people)
            trial.undo(number, arm)


def _trial_of(design: Design, people: Sequence[Levels]) -> _Trial:
    return _Weighed(design, people) if is_adaptive(design) else _Listed(design, people)


class _Listed:
    """Lists that follow from the key alone: the possible states of each stratum's list."""

    def __init__(self, design: Design, people: Sequence[Levels]) -> None:
        self.chain: Chain = chain_of(design)
        self.arms = len(design.arms)
        self.strata = [level_codes(design, levels) for levels in people]
        self.known: dict[tuple[str, ...], list[Known]] = {
            stratum: [((self.chain.start, Fraction(1)),)] for stratum in self.strata
        }
        self.next = cache(self._next)

    def chances(self, number: int) -> Sequence[Fraction]:
        return [chance for chance, _ in self.next(self.known[self.strata[number]][-1])]

    def take(self, number: int, arm: int) -> None:
        stack = self.known[self.strata[number]]
        stack.append(self.next(stack[-1])[arm][1])

    def undo(self, number: int, arm: int) -> None:  # noqa: ARG002  (the last step is on top)
        self.known[self.strata[number]].pop()

    def _next(self, now: Known) -> list[tuple[Fraction, Known]]:
        """Return for each arm its chance and the possible states after it."""
        found: list[dict[State, Fraction]] = [{} for _ in range(self.arms)]
        for state, chance in now:
            for share, inside in self.chain.enter(state):
                odds = self.chain.odds(inside)
                for arm, part in enumerate(odds):
                    if part:
                        later = self.chain.after(inside, arm)
                        more = chance * share * Fraction(part, sum(odds))
                        found[arm][later] = found[arm].get(later, Fraction(0)) + more
        return [_normalise(states) for states in found]


def _normalise(states: Mapping[State, Fraction]) -> tuple[Fraction, Known]:
    whole = sum(states.values(), Fraction(0))
    return whole, tuple((state, states[state] / whole) for state in sorted(states))


class _Weighed:
    """Minimisation and Hu-Hu, with the odds of live allocations from the counts in the cells."""

    def __init__(self, design: Design, people: Sequence[Levels]) -> None:
        self.design = design
        self.cells = [self._cells_of(levels) for levels in people]
        self.counts = {cell: [0] * len(design.arms) for cells in self.cells for cell in cells}
        self.shares = cache(self._shares)

    def _cells_of(self, levels: Levels) -> list[tuple[object, ...]]:
        strata = level_codes(self.design, levels)
        codes = [(factor.name, levels[factor.name]) for factor in self.design.minimised]
        return [(strata,), *((strata, *code) for code in codes), (strata, tuple(codes))]

    def chances(self, number: int) -> Sequence[Fraction]:
        return self.shares(tuple(tuple(self.counts[cell]) for cell in self.cells[number]))

    def _shares(self, held: tuple[tuple[int, ...], ...]) -> Sequence[Fraction]:
        overall, *factors, together = map(list, held)
        odds, _ = odds_and_imbalances(self.design, Counts(overall, factors, together))
        return [Fraction(share, sum(odds)) for share in odds]

    def take(self, number: int, arm: int) -> None:
        for cell in self.cells[number]:
            self.counts[cell][arm] += 1

    def undo(self, number: int, arm: int) -> None:
        for cell in self.cells[number]:
            self.counts[cell][arm] -= 1
