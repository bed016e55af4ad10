"""Methods that allocate one participant at a time, for many lists at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial

import numpy as np

from randomiser.design import Design
from randomiser.methods.maximal_procedure import ways_to_end_even
from randomiser.simulation.arrays import Real, Whole
from randomiser.simulation.drawn_lists import Drawn, credit
from randomiser.stepwise import StepMethod

Chances = Callable[[Design, Whole], Real]
"""From counts (arms along the first axis, lists along the second) to each arm's chance."""


def step_lists(design: Design, lengths: Whole, rng: np.random.Generator) -> Drawn:
    """Draw lists of these lengths, one after the other."""
    longest_first = np.argsort(-lengths, kind="stable")
    most = int(lengths.max(initial=0))
    counts = np.zeros((len(design.arms), len(lengths)), dtype=np.int32)
    arm = np.zeros((most, len(lengths)), dtype=np.uint8)
    informed = np.zeros((most, len(lengths)), dtype=np.float32)
    certain = np.zeros((most, len(lengths)), dtype=bool)
    chances_after = _chances_of(design)
    for place in range(most):
        lists = int(np.count_nonzero(lengths > place))  # the other lists are complete
        chances = chances_after(counts[:, :lists])
        now = pick_arms(chances, rng)
        arm[place, :lists] = now
        informed[place, :lists], certain[place, :lists] = _credit_guesses(chances, now)
        counts[:, :lists] += np.arange(len(design.arms))[:, np.newaxis] == now
    in_order = np.argsort(longest_first, kind="stable")
    used = np.arange(most) < lengths[:, np.newaxis]
    return Drawn(arm.T[in_order][used], informed.T[in_order][used], certain.T[in_order][used])


def _chances_of(design: Design) -> Callable[[Whole], Real]:
    """Return the function from counts to chances, vectorised if CHANCES has the method."""
    known = CHANCES.get(design.method.name)
    return partial(known, design) if known else chances_by_odds(design)


def chances_by_odds(design: Design) -> Callable[[Whole], Real]:
    """Return a function for the chances from the method's odds, computed once for each state.

    Raises KeyError for a method that does not allocate one participant at a time.
    """
    method = design.method
    if not isinstance(method, StepMethod):
        raise KeyError(method.name)
    odds_after = method.odds_of(design)
    odds = cache(lambda *state: np.array(odds_after(state), dtype=np.float64))

    def chances_after(counts: Whole) -> Real:
        states, which = np.unique(counts, axis=1, return_inverse=True)
        return _shares(np.stack([odds(*state) for state in states.T.tolist()], axis=1))[:, which]

    return chances_after


def pick_arms(chances: Real, rng: np.random.Generator) -> Whole:
    """Return arms drawn by their chances; the number of arms when all chances are 0."""
    bounds = np.cumsum(chances, axis=0)
    bounds = _divide(bounds, bounds[-1].copy())  # so that the last possible arm ends at 1
    passed: Whole = (rng.random(chances.shape[1]) >= bounds).sum(axis=0, dtype=np.uint8)
    return passed


def _credit_guesses(chances: Real, arm: Whole) -> tuple[Real, Whole]:
    refused = arm == len(chances)
    informed, certain = credit(chances, np.where(refused, 0, arm))
    informed[refused] = 0
    return informed, certain


def _shares(odds: Whole | Real) -> Real:
    return _divide(odds, odds.sum(axis=0))


def _divide(values: Whole | Real, total: Whole | Real) -> Real:
    """Return the values divided by a total; 0 when the total is 0."""
    found: Real = np.divide(values, total, out=np.zeros(values.shape), where=total > 0)
    return found


def _ratios(design: Design) -> Whole:
    return np.array([arm.ratio for arm in design.arms], dtype=np.int64)[:, np.newaxis]


def _simple(design: Design, counts: Whole) -> Real:
    return _shares(np.broadcast_to(_ratios(design), counts.shape))


def _random_allocation_rule(design: Design, counts: Whole) -> Real:
    return _shares(_ratios(design) * (design.people // design.ratio_sum) - counts)


def _coin(design: Design, counts: Whole) -> Real:
    """Return the chances of Efron's and Chen's coin: fair at a tie, certain at the tolerance."""
    return _two_arms(float(design.p), design.tolerance, counts)


def _big_stick(design: Design, counts: Whole) -> Real:
    return _two_arms(0.5, design.tolerance, counts)


def _two_arms(p: float, tolerance: int, counts: Whole) -> Real:
    """Return chances with p for the arm behind, and 1 at the tolerance unless that is 0."""
    lead = counts[0] - counts[1]
    behind = np.full(lead.shape, p)
    if tolerance:
        behind[abs(lead) >= tolerance] = 1.0
    first = np.select([lead < 0, lead > 0], [behind, 1 - behind], 0.5)
    return np.stack([first, 1 - first])


def _wei_urn(design: Design, counts: Whole) -> Real:
    balls = design.alpha + design.beta * (counts.sum(axis=0) - counts)
    return _shares(np.where(balls.any(axis=0), balls, 1))


def _block_urn(design: Design, counts: Whole) -> Real:
    ratios = _ratios(design)
    sets = design.balanced_sets + (counts // ratios).min(axis=0)
    return _shares(ratios * sets - counts)


def _maximal_procedure(design: Design, counts: Whole) -> Real:
    taken, lead = counts.sum(axis=0), counts[0] - counts[1]
    table = _maximal_table(design.people, design.tolerance)
    return table[:, np.minimum(taken, design.people), lead + design.tolerance]


@lru_cache(maxsize=8)
def _maximal_table(people: int, tolerance: int) -> Real:
    """Return the chance of each arm, by participants so far and difference."""
    ways = ways_to_end_even(people, tolerance)
    table = np.zeros((2, people + 1, 2 * tolerance + 1))
    for taken in range(people):
        rest = ways[people - taken - 1]
        for lead in range(-tolerance, tolerance + 1):
            up, down = rest[abs(lead + 1)], rest[abs(lead - 1)]
            if up + down:
                table[:, taken, lead + tolerance] = up / (up + down), down / (up + down)
    return table


CHANCES: Mapping[str, Chances] = {
    "simple": _simple,
    "random_allocation_rule": _random_allocation_rule,
    "efron_biased_coin": _coin,
    "chen_biased_coin": _coin,
    "big_stick": _big_stick,
    "wei_urn": _wei_urn,
    "block_urn": _block_urn,
    "maximal_procedure": _maximal_procedure,
}
"""How the chances of all lists follow at once; a method without a line is asked for its odds."""
