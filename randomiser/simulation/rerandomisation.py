"""The re-randomisation test: could the difference be the work of the allocation alone?

The people, their outcomes, levels and order stay as they were; arms are allocated anew by the
trial's own design. Exact where all courses can be followed, otherwise over many drawn ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, prod

import numpy as np

from randomiser.design import Design
from randomiser.simulation.allocations import allocated
from randomiser.simulation.arrays import Real, Whole
from randomiser.simulation.arrivals import Arrivals, joined
from randomiser.simulation.courses import Course, TooMany, courses, first_impossible
from randomiser.simulation.population import PopulationProblem, factors_of

AT_ONCE = 1_000_000
NEAR = 1e-9  # statistics that are equal may differ by as much in floats

Statistic = Callable[[Real, Whole], Real]
"""From outcomes by person (NaN where there is none), and arms by course and person, to one number
for each course."""


@dataclass(frozen=True)
class Observed:
    """One person as the trial had them, in the order of allocation.

    outcome: None where there is none: the person counts for the allocation alone.
    """

    levels: Mapping[str, str]
    arm: str
    outcome: float | None


@dataclass(frozen=True)
class Tested:
    """What came of the test.

    statistic: of the trial as it was.
    p:         how often a re-randomised trial has one at least as large.
    exact:     the same as a fraction, where every course was followed; None for drawn ones.
    courses:   how many were followed or drawn.
    """

    statistic: float
    p: float
    exact: Fraction | None
    courses: int


def difference_in_means(outcomes: Real, arms: Whole) -> Real:
    """Return the largest less the smallest mean outcome of the arms, for each course.

    Infinite where an arm has no outcome: such a course counts as at least as large.
    """
    means = []
    known = np.isfinite(outcomes)
    for arm in range(int(arms.max(initial=0)) + 1):
        inside = (arms == arm) & known
        number = inside.sum(axis=1)
        total = np.where(inside, outcomes, 0.0).sum(axis=1)
        means.append(np.divide(total, number, out=np.full(len(arms), np.inf), where=number > 0))
    found: Real = np.max(means, axis=0) - np.min(means, axis=0)
    return found


def rerandomise(
    design: Design,
    people: Sequence[Observed],
    *,
    statistic: Statistic = difference_in_means,
    most: int = 50_000,
    draws: int = 9_999,
    seed: int = 1,
) -> Tested:
    """Test a trial against re-randomisations by its own design.

    statistic: the larger, the more it speaks against equal arms.
    most:      up to how many courses all are followed; p is then the sum of their chances. With
               more, `draws` of them are drawn, and p is (b + 1) / (draws + 1) for b of them at
               least as large, which is valid for any number of draws.
    Raises PopulationProblem for people whom the design could not have allocated so, UnknownLevel.
    Source: Rosenberger and Lachin, Randomization in Clinical Trials, 2nd ed. 2016;
    Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    """
    course = _course(design, people)
    outcomes = np.array([one.outcome for one in people], dtype=np.float64)  # None becomes NaN
    levels = [one.levels for one in people]
    seen = float(statistic(outcomes, np.array([course], dtype=np.uint8))[0])
    least = seen - NEAR * abs(seen)
    try:
        every = courses(design, levels, most)
    except TooMany:
        larger = sum(
            int((statistic(outcomes, arms) >= least).sum())
            for arms in _drawn(design, levels, draws, seed)
        )
        return Tested(seen, (larger + 1) / (draws + 1), None, draws)
    found = statistic(outcomes, np.array([arms for arms, _ in every], dtype=np.uint8)) >= least
    exact = sum((every[i][1] for i in np.flatnonzero(found)), Fraction(0))
    return Tested(seen, float(exact), exact, len(every))


def _course(design: Design, people: Sequence[Observed]) -> Course:
    """The arms as they were; refused when they cannot be the design's."""
    arms = {arm.name: index for index, arm in enumerate(design.arms)}
    found = [
        f"Person {number} has the arm {one.arm!r}; the design has {', '.join(arms)}."
        for number, one in enumerate(people, start=1)
        if one.arm not in arms
    ]
    found += [
        f"Person {number} has the outcome {one.outcome}; give a number, or none."
        for number, one in enumerate(people, start=1)
        if one.outcome is not None and not isfinite(one.outcome)
    ]
    if all(one.outcome is None for one in people):
        found.append("There is nobody with an outcome to test.")
    if found:
        raise PopulationProblem(found)
    course = tuple(arms[one.arm] for one in people)
    place = first_impossible(design, [one.levels for one in people], course)
    if place is not None:
        words = f"Person {place + 1} could not get the arm {people[place].arm} by this design."
        raise PopulationProblem([words])
    return course


def _drawn(
    design: Design, levels: Sequence[Mapping[str, str]], draws: int, seed: int
) -> Iterator[Whole]:
    """Allocate the same people anew, in parts that fit into memory."""
    rng = np.random.default_rng(seed)
    part = max(1, AT_ONCE // len(levels))
    for begun in range(0, draws, part):
        arrivals = _arrivals(design, levels, min(part, draws - begun))
        yield allocated(design, arrivals, rng).arm


def _arrivals(design: Design, levels: Sequence[Mapping[str, str]], trials: int) -> Arrivals:
    shape = (trials, len(levels))
    index: dict[str, Whole] = {}
    counts: dict[str, int] = {}
    for factor in factors_of(design):
        codes = sorted({one[factor.name] for one in levels})
        counts[factor.name] = len(codes)
        one_trial = np.array([codes.index(one[factor.name]) for one in levels], dtype=np.uint32)
        index[factor.name] = np.broadcast_to(one_trial, shape)
    strata = [factor.name for factor in design.factors]
    return Arrivals(
        site=np.zeros(shape, dtype=np.uint8),
        levels=index,
        stratum=joined([index[name] for name in strata], [counts[name] for name in strata], shape),
        strata=prod(counts[name] for name in strata),
    )
