"""Exact characteristics of a list without simulation: every state with its exact chance.

All chances are fractions of whole numbers; only the standard library is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, lcm

from randomiser.design import Design
from randomiser.simulation.chain import Chain, State, chain_of, walk

Chances = tuple[Fraction, ...]
Guesser = Callable[[State, Sequence[int]], Sequence[int]]
"""From counts and odds to the arms that are named; a coin decides between several."""


@dataclass(frozen=True)
class ListExactly:
    """The chances of one list at each position (index 0 is the first position).

    arms:      each arm's chance at the position, over all possible earlier allocations.
    converged: chance that a guesser who counts the arms names the correct arm.
    informed:  chance that a guesser who knows design and block sizes names the correct arm.
    certain:   chance that the informed guesser cannot be wrong.
    leads:     chance of each difference (see `lead`) after 0, 1, 2 … participants.
    """

    arms: tuple[Chances, ...]
    converged: Chances
    informed: Chances
    certain: Chances
    leads: tuple[Mapping[int, Fraction], ...]


def scale_of(ratios: Sequence[int]) -> int:
    """Return the factor that makes counts divided by every arm's share whole numbers."""
    return lcm(*ratios)


def lead(counts: Sequence[int], ratios: Sequence[int]) -> int:
    """Return the difference between the arms, times `scale_of` the ratio.

    Each count is divided by the arm's share of the ratio. With two arms the difference is the first
    minus the second, with more arms the largest minus the smallest.
    """
    scale = scale_of(ratios)
    scaled = [count * scale // ratio for count, ratio in zip(counts, ratios, strict=True)]
    return scaled[0] - scaled[1] if len(scaled) == 2 else max(scaled) - min(scaled)


def list_exactly(design: Design, people: int) -> ListExactly:
    """Return the exact chances of one list of the design at positions 1 to `people`.

    If the list may be full earlier, the chances of a position add up to less than 1.
    Raises KeyError for an adaptive method.
    """
    chain = chain_of(design)
    ratios = [arm.ratio for arm in design.arms]
    *positions, last = walk(chain, people)
    return ListExactly(
        arms=tuple(_arms(chain, states, len(ratios)) for states in positions),
        converged=tuple(_guess_chance(chain, states, _behind(ratios)) for states in positions),
        informed=tuple(_guess_chance(chain, states, _likeliest) for states in positions),
        certain=tuple(_certain(chain, states) for states in positions),
        leads=tuple(_leads(chain, states, ratios) for states in [*positions, last]),
    )


MOST_STATES = 3_000


def positions_to_follow(design: Design, most: int) -> int:
    """Return up to which position, at most `most`, a list can be computed quickly."""
    arms, starts = len(design.arms), max(1, len(design.sizes))
    positions = min(most, design.people or most)
    while positions > 1 and starts * comb(positions + arms - 1, arms - 1) > MOST_STATES:
        positions -= 1
    return positions


def certain_in_block(ratios: Sequence[int], size: int) -> Fraction:
    """Return the mean number of arms in a block that are certain when its size is known.

    A position is certain when it and all later ones have the same arm.
    """
    found = Fraction(0)
    for ratio in ratios:
        places = ratio * size // sum(ratios)
        for last in range(1, places + 1):
            found += Fraction(comb(places, last), comb(size, last))
    return found


@dataclass(frozen=True)
class Departure:
    """The position at which an arm's chance is furthest from its share of the ratio."""

    position: int
    arm: str
    chance: Fraction
    share: Fraction


def largest_departure(design: Design, people: int) -> Departure | None:
    """Return the largest departure at list positions 1 to `people`; None when there is none."""
    return farthest(design, list_exactly(design, people).arms)


def farthest(design: Design, positions: Sequence[Chances]) -> Departure | None:
    """Return the departure that is furthest from its arm's share; the first of several."""
    found: Departure | None = None
    for place, chances in enumerate(positions):
        for arm, chance in zip(design.arms, chances, strict=True):
            departure = Departure(
                place + 1, arm.name, chance, Fraction(arm.ratio, design.ratio_sum)
            )
            most = abs(found.chance - found.share) if found else 0
            if abs(departure.chance - departure.share) > most:
                found = departure
    return found


def _arms(chain: Chain, states: Mapping[State, Fraction], arms: int) -> Chances:
    found = [Fraction(0)] * arms
    for state, chance in states.items():
        odds = chain.odds(state)
        for arm, share in enumerate(odds):
            if share:
                found[arm] += chance * Fraction(share, sum(odds))
    return tuple(found)


def _guess_chance(chain: Chain, states: Mapping[State, Fraction], names: Guesser) -> Fraction:
    total = Fraction(0)
    for state, chance in states.items():
        odds = chain.odds(state)
        if any(odds):
            named = names(chain.counts(state), odds)
            total += chance * Fraction(sum(odds[arm] for arm in named), sum(odds) * len(named))
    return total


def _certain(chain: Chain, states: Mapping[State, Fraction]) -> Fraction:
    sure = (chance for state, chance in states.items() if sum(map(bool, chain.odds(state))) == 1)
    return sum(sure, Fraction(0))


def _leads(
    chain: Chain, states: Mapping[State, Fraction], ratios: Sequence[int]
) -> Mapping[int, Fraction]:
    found: dict[int, Fraction] = {}
    for state, chance in states.items():
        now = lead(chain.counts(state), ratios)
        found[now] = found.get(now, Fraction(0)) + chance
    return dict(sorted(found.items()))


def _behind(ratios: Sequence[int]) -> Guesser:
    scale = scale_of(ratios)

    def name_behind(counts: State, _: Sequence[int]) -> Sequence[int]:
        """Return the arms furthest behind their share; of several those with the largest share."""
        scaled = [count * scale // ratio for count, ratio in zip(counts, ratios, strict=True)]
        behind = [arm for arm, value in enumerate(scaled) if value == min(scaled)]
        largest = max(ratios[arm] for arm in behind)
        return [arm for arm in behind if ratios[arm] == largest]

    return name_behind


def _likeliest(_: State, odds: Sequence[int]) -> Sequence[int]:
    return [arm for arm, share in enumerate(odds) if share == max(odds)]
