"""Minimisation and Hu-Hu for many trials at once: each step allocates one participant in each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import lcm

import numpy as np

from randomiser.design import Design
from randomiser.method import AdaptiveMethod
from randomiser.simulation.arrays import Real, Whole, Yes
from randomiser.simulation.arrivals import Arrivals, join_indexes
from randomiser.simulation.drawn_lists import Drawn, credit


@dataclass(frozen=True)
class _Margins:
    """The margins that are balanced: each factor; for Hu-Hu also overall and all levels together.

    levels:  level of each participant by arrival, margin and trial.
    strata:  stratum of each participant by arrival and trial; None when there is only one.
    first:   index of the first count of a margin and trial.
    width:   number of counts in the margins of one stratum.
    size:    number of counts in all trials together.
    weights: one for each margin.
    """

    levels: Whole
    strata: Whole | None
    first: Whole
    width: int
    size: int
    weights: Real

    def slots(self, number: int) -> Whole:
        """Return the indexes of the counts of the participants of this number: margin, trial."""
        found: Whole = self.first + self.levels[number]
        if self.strata is not None:
            found += self.strata[number] * np.int64(self.width)
        return found


def minimise_everybody(design: Design, arrivals: Arrivals, rng: np.random.Generator) -> Drawn:
    """Return the arms of all participants who arrive, by trial and arrival."""
    margins = _margins(design, arrivals)
    counting: _TwoArms | _AnyArms = (
        _TwoArms(design, margins) if _follows_difference(design) else _AnyArms(design, margins)
    )
    shares = chances_of_sets(design)
    bounds = np.ascontiguousarray(np.cumsum(shares, axis=1)[:, :-1].T)
    everyone = len(shares) - 1
    by_ratio = _find_early(design, arrivals)
    trials, people = arrivals.stratum.shape
    sets = np.empty((people, trials), dtype=np.uint8)
    arms = np.zeros((people, trials), dtype=np.uint8)
    chance = rng.random((people, trials))
    for number in range(people):
        best = counting.find_favoured(number)
        if by_ratio is not None:
            best = np.where(by_ratio[number], everyone, best)
        arm = arms[number]
        for bound in bounds:
            arm += chance[number] >= bound.take(best)
        counting.add(arm)
        sets[number] = best
    informed, certain = _credit_guesses(shares, sets, arms)
    return Drawn(arms.T, informed.T, certain.T)


def chances_of_sets(design: Design) -> Real:
    """Return each arm's chance (second axis) for every set of arms with the best score (first).

    Source: docs/randomisation-protocol.md section 11.1; Han, Enas and McEntegart,
    Stat Med 2009;28:3329-3346.
    """
    ratios, total = [arm.ratio for arm in design.arms], design.ratio_sum
    a, b, least = design.p.numerator, design.p.denominator, min(ratios)
    table = np.zeros((2 ** len(ratios), len(ratios)))
    for best in range(1, len(table)):
        inside = [bool(best >> arm & 1) for arm in range(len(ratios))]
        of_best = sum(ratio for ratio, is_in in zip(ratios, inside, strict=True) if is_in)
        odds = [
            ratio * (b * (total - least) - (total - ratio) * (b - a) + (b - a) * (of_best - ratio))
            if is_in
            else ratio * (b - a) * of_best
            for ratio, is_in in zip(ratios, inside, strict=True)
        ]
        table[best] = [share / sum(odds) for share in odds]
    return table


def _follows_difference(design: Design) -> bool:
    return len(design.arms) == 2 and design.measure != "marginal_balance"


class _TwoArms:
    """Two arms: only the first arm's scaled counts minus the second's matter.

    Raising the first by u and the second by v, |d + u| - |d - v| is 2d + u - v, held between
    -(u + v) and u + v; and (d + u)² - (d - v)² is (u + v)(2d + u - v).
    """

    def __init__(self, design: Design, margins: _Margins) -> None:
        scaled = _list_increments(design)
        self.margins = margins
        self.lead = np.zeros(margins.size)
        self.skew = scaled[0] - scaled[1]
        is_absolute = design.measure in ABSOLUTE
        self.most = sum(scaled) if is_absolute else np.inf
        self.step = np.array([scaled[0], -scaled[1]], dtype=np.float64)

    def find_favoured(self, number: int) -> Whole:
        """The arms with the best score for whoever arrives as this number: bit a for arm a."""
        self.slots = self.margins.slots(number)
        self.now = self.lead.take(self.slots)
        gain = self.now + self.now
        if self.skew:
            gain += self.skew
        if self.most < np.inf:
            np.clip(gain, -self.most, self.most, out=gain)
        score = self.margins.weights @ gain
        return BEST_OF_TWO.take(np.sign(score).astype(np.int64) + 1)

    def add(self, arm: Whole) -> None:
        """Count those last asked about with the arms that they got."""
        self.lead[self.slots] = self.now + self.step.take(arm)


BEST_OF_TWO = np.array([0b01, 0b11, 0b10], dtype=np.uint8)
"""Where the first arm's score less the second's is below, at or above zero."""
ABSOLUTE = {"range", "standard_deviation"}
NEAR = 1e-9  # equal sums of roots or fractions may differ by this much in floating point


class _AnyArms:
    """Any number of arms: scaled counts, and each margin's measure for every possible next arm."""

    def __init__(self, design: Design, margins: _Margins) -> None:
        self.margins = margins
        self.raised = _list_increments(design)
        self.measure = design.measure
        self.counts = np.zeros((len(design.arms), margins.size))

    def find_favoured(self, number: int) -> Whole:
        """The arms with the best score for whoever arrives as this number: bit a for arm a."""
        self.slots = self.margins.slots(number)
        self.now = self.counts[:, self.slots]
        scores = []
        for arm, step in enumerate(self.raised):
            self.now[arm] += step
            scores.append(self.margins.weights @ self._measure(self.now))
            self.now[arm] -= step
        found = np.stack(scores)
        best: Whole = found <= found.min(axis=0) * (1 + NEAR)
        bits: Whole = (best << np.arange(len(best))[:, np.newaxis]).sum(axis=0)
        return bits

    def add(self, arm: Whole) -> None:
        """Count those last asked about with the arms that they got."""
        for index, step in enumerate(self.raised):
            self.counts[index, self.slots] = self.now[index] + step * (arm == index)

    def _measure(self, counts: Real) -> Real:
        """Return the measure of methods/minimisation.py; whole floats below 2^53 are exact."""
        if self.measure == "range":
            return np.asarray(counts.max(axis=0) - counts.min(axis=0))
        if self.measure == "marginal_balance":
            pairs = combinations(counts, 2)
            apart = np.sum([abs(count - other) for count, other in pairs], axis=0)
            return np.asarray(apart / ((len(counts) - 1) * counts.sum(axis=0)))
        spread = len(counts) * (counts**2).sum(axis=0) - counts.sum(axis=0) ** 2
        return np.asarray(np.sqrt(spread) if self.measure == "standard_deviation" else spread)


def _list_increments(design: Design) -> list[int]:
    """Return by how much one participant raises the scaled count of each arm."""
    ratios = [arm.ratio for arm in design.arms]
    return [lcm(*ratios) // ratio for ratio in ratios]


def _margins(design: Design, arrivals: Arrivals) -> _Margins:
    """Return the layout of the counts of all margins, for every stratum of every trial."""
    parts, weights = _list_balanced(design, arrivals)
    trials = arrivals.stratum.shape[0]
    ends = np.cumsum([int(part.max(initial=0)) + 1 for part in parts])
    width = int(ends[-1])
    trial_size = width * arrivals.strata
    begins = np.concatenate([[0], ends[:-1]])[:, np.newaxis]
    return _Margins(
        levels=np.ascontiguousarray(np.stack(parts).transpose(2, 0, 1)),
        strata=arrivals.stratum.T if arrivals.strata > 1 else None,
        first=begins + np.arange(trials, dtype=np.int64) * trial_size,
        width=width,
        size=trials * trial_size,
        weights=np.array(weights, dtype=np.float64),
    )


def _list_balanced(design: Design, arrivals: Arrivals) -> tuple[list[Whole], list[int]]:
    levels = [arrivals.levels[factor.name] for factor in design.minimised]
    if not (isinstance(design.method, AdaptiveMethod) and design.method.counts_together):
        return levels, list(design.factor_weights)
    everybody = np.zeros_like(arrivals.stratum)
    counts = [int(level.max(initial=0)) + 1 for level in levels]
    together = join_indexes(levels, counts, arrivals.stratum.shape)
    weights = [design.overall_weight, *design.factor_weights, design.stratum_weight]
    return [everybody, *levels, together], weights


def _find_early(design: Design, arrivals: Arrivals) -> Yes | None:
    """Return who is among a stratum's first, allocated by the ratio alone, by arrival and trial."""
    if not design.first:
        return None
    order = np.argsort(arrivals.stratum, axis=1, kind="stable")
    sorted_strata = np.take_along_axis(arrivals.stratum, order, axis=1)
    place = np.arange(arrivals.people)
    begins = np.ones_like(sorted_strata, dtype=bool)
    begins[:, 1:] = sorted_strata[:, 1:] != sorted_strata[:, :-1]
    rank = place - np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    early = np.empty_like(begins)
    np.put_along_axis(early, order, rank < design.first, axis=1)
    return early.T


def _credit_guesses(shares: Real, sets: Whole, arms: Whole) -> tuple[Real, Yes]:
    """Return the credit of an informed guess, by the set of best arms and the allocated arm."""
    everyone = np.arange(shares.shape[1])
    by_arm = [credit(shares.T, np.full(len(shares), arm)) for arm in everyone]
    informed = np.stack([gained for gained, _ in by_arm], axis=1)
    return informed[sets, arms], by_arm[0][1][sets]
