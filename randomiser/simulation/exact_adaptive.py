"""Exact characteristics of minimisation and Hu-Hu: all courses for a few participants.

Each participant's levels are drawn from the population, so the chances for the first, second …
participant hold before any is known. The odds are those of live allocations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from math import prod

from randomiser.counts import Counts
from randomiser.design import Design
from randomiser.method import AdaptiveMethod
from randomiser.next_allocation import odds_and_imbalances
from randomiser.simulation.exact import Chances, Departure, farthest, lead
from randomiser.simulation.population import Population, combination_shares, factors_of

State = tuple[tuple[int, ...], ...]
"""For every cell (a stratum, or a level in it) how many are in each arm."""
Odds = Callable[[State], Sequence[int]]
"""From the counts in one person's cells to one whole number an arm."""
MOST_STEPS = 3_000


@dataclass(frozen=True)
class ArrivalsExactly:
    """The chances of the first, second … participant to arrive (index 0 is the first).

    arms:     each arm's chance.
    informed: chance that a guesser who knows the design and all participants' levels is right.
    certain:  chance that this guesser cannot be wrong.
    leads:    chance of each overall difference (see `lead`) after 0, 1, 2 … participants.
    """

    arms: tuple[Chances, ...]
    informed: Chances
    certain: Chances
    leads: tuple[Mapping[int, Fraction], ...]


@dataclass(frozen=True)
class _Kind:
    """Participants with the same levels: their chance and the cells in which they count.

    The first cell is that of the stratum, then one for each level, then, for Hu-Hu, that of all
    levels together.
    """

    chance: Fraction
    cells: tuple[int, ...]


def arrivals_exactly(design: Design, population: Population, people: int) -> ArrivalsExactly:
    """Return the exact chances of an adaptive design for the first `people` to arrive.

    The result is shorter when there would be too many courses.
    """
    kinds, cells = _kinds(design, population)
    if not kinds:
        return ArrivalsExactly((), (), (), ())
    ratios = [arm.ratio for arm in design.arms]
    strata = sorted({kind.cells[0] for kind in kinds})
    odds = cache(partial(_odds, design))
    now: dict[State, Fraction] = {((0,) * len(ratios),) * cells: Fraction(1)}
    arms: list[Chances] = []
    told: list[tuple[Fraction, Fraction]] = []
    leads = [_leads(now, strata, ratios)]
    for _ in range(people):
        if len(now) * len(kinds) > MOST_STEPS:
            break
        told.append(_guess_chances(now, kinds, odds))
        chances = [Fraction(0)] * len(ratios)
        after: dict[State, Fraction] = {}
        for arm, later, chance in _steps(now, kinds, odds):
            chances[arm] += chance
            after[later] = after.get(later, Fraction(0)) + chance
        now = after
        arms.append(tuple(chances))
        leads.append(_leads(now, strata, ratios))
    informed, certain = [chance for chance, _ in told], [chance for _, chance in told]
    return ArrivalsExactly(tuple(arms), tuple(informed), tuple(certain), tuple(leads))


def _guess_chances(
    states: Mapping[State, Fraction], kinds: Sequence[_Kind], odds: Odds
) -> tuple[Fraction, Fraction]:
    informed = certain = Fraction(0)
    for state, chance in states.items():
        for kind in kinds:
            shares = odds(tuple(state[cell] for cell in kind.cells))
            top = Fraction(max(shares), sum(shares))
            informed += chance * kind.chance * top
            certain += chance * kind.chance * (top == 1)
    return informed, certain


def _steps(
    states: Mapping[State, Fraction],
    kinds: Sequence[_Kind],
    odds: Odds,
) -> Iterator[tuple[int, State, Fraction]]:
    """Yield the possible allocations of the next participant: arm, state after it, chance."""
    for state, chance in states.items():
        for kind in kinds:
            shares = odds(tuple(state[cell] for cell in kind.cells))
            for arm, share in enumerate(shares):
                if share:
                    later = list(state)
                    for cell in kind.cells:
                        counts = state[cell]
                        later[cell] = (*counts[:arm], counts[arm] + 1, *counts[arm + 1 :])
                    yield arm, tuple(later), chance * kind.chance * Fraction(share, sum(shares))


def _odds(design: Design, held: State) -> Sequence[int]:
    stratum, *others = (list(counts) for counts in held)
    levels, together = others[: len(design.minimised)], others[len(design.minimised) :]
    counts = Counts(stratum, levels, together[0] if together else [])
    return odds_and_imbalances(design, counts)[0]


def _kinds(design: Design, population: Population) -> tuple[list[_Kind], int]:
    """Return the kinds of participants and the number of cells; ([], 0) if there are too many."""
    names = [factor.name for factor in factors_of(design)]
    if prod(len(population.codes(name)) for name in names) > MOST_STEPS:
        return [], 0
    within = len(design.factors)
    together = isinstance(design.method, AdaptiveMethod) and design.method.counts_together
    numbers: dict[tuple[object, ...], int] = {}
    kinds = []
    for codes, chance in combination_shares(names, population).items():
        stratum, levels = codes[:within], codes[within:]
        cells: list[tuple[object, ...]] = [(stratum,)]
        cells += [(stratum, name, code) for name, code in zip(names[within:], levels, strict=True)]
        if together:
            cells.append((stratum, levels))
        if chance:
            found = tuple(numbers.setdefault(cell, len(numbers)) for cell in cells)
            kinds.append(_Kind(chance, found))
    return kinds, len(numbers)


def _leads(
    states: Mapping[State, Fraction], strata: Sequence[int], ratios: Sequence[int]
) -> Mapping[int, Fraction]:
    found: dict[int, Fraction] = {}
    for state, chance in states.items():
        counts = [sum(state[cell][arm] for cell in strata) for arm in range(len(ratios))]
        now = lead(counts, ratios)
        found[now] = found.get(now, Fraction(0)) + chance
    return dict(sorted(found.items()))


def largest_departure_on_arrival(
    design: Design, population: Population, people: int
) -> tuple[Departure | None, int]:
    """Return the largest departure among the first to arrive, and for how many it was computed."""
    arms = arrivals_exactly(design, population, people).arms
    return farthest(design, arms), len(arms)
