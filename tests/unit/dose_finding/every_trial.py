"""Every trial that can be, lived through with its exact chance; whole cohorts, nobody awaited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb

from randomiser.dose_finding import Act, DoseDesign, DoseState, LevelState, recommend


def exact_ends(design: DoseDesign, rates: Sequence[Fraction]) -> dict[int | None, Fraction]:
    """The exact chance that the live engine ends with each level; None: with none."""
    ends: dict[int | None, Fraction] = {}
    alive = {DoseState(design.start, (LevelState(),) * len(rates)): Fraction(1)}
    while alive:
        state, chance = alive.popitem()
        found = recommend(design, state)
        if found.act in (Act.MTD, Act.STOP):
            ends[found.level] = ends.get(found.level, Fraction(0)) + chance
            continue
        assert found.level is not None
        for after, share in _cohorts(state.levels[found.level], found.slots, rates[found.level]):
            later = DoseState(found.level, state.levels).with_level(found.level, after)
            alive[later] = alive.get(later, Fraction(0)) + chance * share
    return ends


def _cohorts(
    level: LevelState, people: int, rate: Fraction
) -> Iterator[tuple[LevelState, Fraction]]:
    for dlts in range(people + 1):
        share = comb(people, dlts) * rate**dlts * (1 - rate) ** (people - dlts)
        yield LevelState(level.evaluable + people, level.dlts + dlts), share
