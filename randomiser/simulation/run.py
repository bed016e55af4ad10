"""The simulation of a design: many trials with participants drawn from a population."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from randomiser.design import Design
from randomiser.simulation.allocations import Allocated, allocate_everybody
from randomiser.simulation.arrays import Whole
from randomiser.simulation.arrivals import Arrivals, arrive, join_indexes
from randomiser.simulation.characteristics import Characteristics, Guessing
from randomiser.simulation.grouping import credit_counting, group_people
from randomiser.simulation.population import Population, factors_of, require_fitting
from randomiser.simulation.size_guesses import guess_without_sizes
from randomiser.simulation.sums import Differences, Rate

AT_ONCE = 1_000_000  # participants or lists: limits the memory for one part of the trials
FOLLOWED = 1_000
"""How many lists are followed place by place for who does not know the size of each block."""
PLACES_A_LIST = 100
"""A list of more places counts for several."""


def simulate(
    design: Design, population: Population, *, trials: int, people: int, seed: int
) -> Characteristics:
    """Return the characteristics of the design over trials with `people` participants each.

    The same seed gives the same figures with the same release of numpy.
    Raises PopulationProblem naming every reason.
    """
    require_fitting(design, population)
    rng = np.random.default_rng(seed)
    added = _Added(design, population, people)
    for part in _parts(design, population, trials, people):
        added.add(arrive(design, population, (part, people), rng), rng)
    return added.summarise(trials, seed)


def _parts(design: Design, population: Population, trials: int, people: int) -> Iterator[int]:
    """Yield the numbers of trials in parts that fit into memory."""
    lists = prod(len(population.codes(factor.name)) for factor in design.factors)
    size = max(1, AT_ONCE // max(people, lists * len(population.sites)))
    for begun in range(0, trials, size):
        yield min(size, trials - begun)


class _Added:
    """The sums over the trials so far."""

    def __init__(self, design: Design, population: Population, people: int) -> None:
        self.design, self.population, self.people = design, population, people
        self.ratios = [arm.ratio for arm in design.arms]
        self.overall, self.strata = Differences(self.ratios), Differences(self.ratios)
        self.factors = {
            factor.name: [Differences(self.ratios) for _ in population.codes(factor.name)]
            for factor in factors_of(design)
        }
        self.sites = [Differences(self.ratios) for _ in population.sites]
        self.shares = [Rate() for _ in self.ratios]
        self.counted, self.at_site, self.informed, self.certain = Rate(), Rate(), Rate(), Rate()
        self.designed, self.designed_certain = Rate(), Rate()
        self.refused, self.empty = Rate(), Rate()
        self.by_arrival = np.zeros((people, len(self.ratios) + 1), dtype=np.int64)

    def add(self, arrivals: Arrivals, rng: np.random.Generator) -> None:
        """Allocate participants and add the results to the sums."""
        done = allocate_everybody(self.design, arrivals, rng)
        self._balance(arrivals, done.arm)
        self._guesses(arrivals, done)
        self.empty.add((done.lists.lengths.reshape(len(done.arm), -1) == 0).sum(axis=1))
        for index in range(len(self.ratios) + 1):
            self.by_arrival[:, index] += (done.arm == index).sum(axis=0)

    def _balance(self, arrivals: Arrivals, arm: Whole) -> None:
        strata = _counts(arm, arrivals.stratum, arrivals.strata, len(self.ratios))
        everybody = strata.sum(axis=1)
        self.strata.add(strata)
        self.overall.add(everybody)
        for index, rate in enumerate(self.shares):
            rate.add(everybody[:, index] / np.maximum(1, everybody.sum(axis=1)))
        self.refused.add(1 - everybody.sum(axis=1) / self.people)
        for name, levels in self.factors.items():
            _add_each(levels, self._by_level(arrivals, arm, strata, name))
        by_site = everybody[:, np.newaxis]
        if len(self.sites) > 1:
            by_site = _counts(arm, arrivals.site, len(self.sites), len(self.ratios))
        _add_each(self.sites, by_site)

    def _by_level(self, arrivals: Arrivals, arm: Whole, strata: Whole, name: str) -> Whole:
        """Return counts by trial, level and arm; those of a stratum factor are sums over strata."""
        names = [factor.name for factor in self.design.factors]
        if name not in names:
            return _counts(arm, arrivals.levels[name], len(self.factors[name]), len(self.ratios))
        shape = [len(self.factors[other]) for other in names]
        others = tuple(i + 1 for i, other in enumerate(names) if other != name)
        whole: Whole = strata.reshape(len(arm), *shape, len(self.ratios)).sum(axis=others)
        return whole

    def _guesses(self, arrivals: Arrivals, done: Allocated) -> None:
        arm = done.arm
        people = np.maximum(1, (arm < len(self.ratios)).sum(axis=1))

        def add(rate: Rate, right: Whole) -> None:
            rate.add(right.reshape(arm.shape).sum(axis=1) / people)

        right = credit_counting(done.in_lists, done.lists.lengths, self.ratios)
        add(self.counted, right)
        if len(self.sites) > 1:
            seen = [len(self.sites), arrivals.strata]
            own = group_people(
                join_indexes([arrivals.site, arrivals.stratum], seen, arm.shape), prod(seen)
            )
            right = credit_counting(own.sort(arm), own.lengths, self.ratios)
        add(self.at_site, right)
        add(self.informed, done.informed)
        add(self.certain, done.certain)
        if len(self.design.sizes) > 1:
            self._guesses_without_sizes(arrivals, done)
        else:
            self.designed, self.designed_certain = self.informed, self.certain

    def _guesses_without_sizes(self, arrivals: Arrivals, done: Allocated) -> None:
        """Add the guesses made without block sizes, for as many trials as can be done quickly."""
        each = max(arrivals.strata, self.people // PLACES_A_LIST)
        trials = min(len(done.arm), FOLLOWED // each - self.designed.trials)
        if trials > 0 or not self.designed.trials:
            trials = max(trials, 1)
            arm = done.in_lists[: trials * self.people]
            lengths = done.lists.lengths[: trials * arrivals.strata]
            right, certain = guess_without_sizes(self.design, arm, lengths)
            self.designed.add(right.reshape(trials, -1).mean(axis=1))
            self.designed_certain.add(certain.reshape(trials, -1).mean(axis=1))

    def summarise(self, trials: int, seed: int) -> Characteristics:
        """Return the characteristics from the sums."""
        names = [arm.name for arm in self.design.arms]
        codes = self.population.codes
        return Characteristics(
            trials=trials,
            people=self.people,
            seed=seed,
            shares={name: rate.summarise() for name, rate in zip(names, self.shares, strict=True)},
            arrivals=tuple(
                {name: int(times) / trials for name, times in zip(names, row, strict=False)}
                for row in self.by_arrival
            ),
            refused=self.refused.summarise().value,
            overall=self.overall.summarise(),
            factors={
                name: {
                    code: found.summarise() for code, found in zip(codes(name), levels, strict=True)
                }
                for name, levels in self.factors.items()
            },
            sites={
                site.name: found.summarise()
                for site, found in zip(self.population.sites, self.sites, strict=True)
            },
            strata=self.strata.summarise(),
            guessing=Guessing(
                stratum=self.counted.summarise(),
                own_site=self.at_site.summarise(),
                designed=self.designed.summarise(),
                designed_certain=self.designed_certain.summarise(),
                informed=self.informed.summarise(),
                certain=self.certain.summarise(),
            ),
            empty=self.empty.summarise().value,
        )


def _add_each(found: list[Differences], counts: Whole) -> None:
    for index, differences in enumerate(found):
        differences.add(counts[:, index])


def _counts(arm: Whole, index: Whole, groups: int, arms: int) -> Whole:
    """Return the numbers of participants by trial, group and arm, without refused ones."""
    trials = len(arm)
    first = np.arange(trials, dtype=np.int64)[:, np.newaxis] * (groups * (arms + 1))
    place: Whole = first + index * np.int64(arms + 1) + arm
    found: Whole = np.bincount(place.ravel(), minlength=trials * groups * (arms + 1))
    return found.reshape(trials, groups, arms + 1)[..., :arms]
