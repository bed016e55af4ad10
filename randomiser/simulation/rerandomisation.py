"""The re-randomisation test: could the difference be the work of the allocation alone?

The people, their outcomes, levels and order stay as they were; arms are allocated anew by the
trial's own design. Exact where all courses can be followed, otherwise over many drawn ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, prod

import numpy as np

from randomiser.design import Design
from randomiser.draw import make_draw
from randomiser.history import Event, Kind
from randomiser.rekeyed import allocate_again
from randomiser.simulation.allocations import allocate_everybody
from randomiser.simulation.arrays import Real, Whole, Yes
from randomiser.simulation.arrivals import Arrivals, join_indexes
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
    levels = [person.levels for person in people]
    outcomes = np.array([person.outcome for person in people], dtype=np.float64)  # None becomes NaN
    compare = _Comparison(statistic, outcomes, course)
    try:
        every = courses(design, levels, most)
    except TooMany:
        return compare.with_drawn(_draw_trials(design, levels, draws, seed))
    found = compare.are_as_large(np.array([arms for arms, _ in every], dtype=np.uint8))
    exact = sum((every[i][1] for i in np.flatnonzero(found)), Fraction(0))
    return Tested(compare.seen, float(exact), exact, len(every))


def rerandomise_history(
    designs: Mapping[int, Design],
    events: Sequence[Event],
    outcomes: Mapping[int, float],
    *,
    statistic: Statistic = difference_in_means,
    draws: int = 9_999,
    seed: int = 1,
) -> Tested:
    """Test a trial against re-randomisations of its whole history.

    designs:  by design version, each that an allocation rests on; no uploaded list.
    outcomes: by study-wide number; whoever has none counts for the allocation alone.
    One design version with nothing but draws is tested as by `rerandomise`, exactly where it can
    be. Otherwise every course is drawn along the live path: amended designs, lost list positions,
    envelopes, and people randomised in error who do not count, each as it was.
    Raises PopulationProblem, UnknownLevel.
    """
    people = [
        Observed(event.levels or {}, event.arm, outcomes.get(event.number or 0))
        for event in events
        if event.arm is not None
    ]
    if _has_draws_alone(designs, events):
        (design,) = designs.values()
        return rerandomise(design, people, statistic=statistic, draws=draws, seed=seed)
    _refuse(_outcome_problems(people))
    index = {name: number for number, name in enumerate(_arm_names(designs))}
    compare = _Comparison(
        statistic,
        np.array([person.outcome for person in people], dtype=np.float64),
        tuple(index[person.arm] for person in people),
    )
    rng = np.random.default_rng(seed)
    courses_drawn = (
        np.array(
            [
                [
                    index[arm]
                    for arm in allocate_again(designs, events, make_draw(rng.bytes(32)))
                    if arm
                ]
            ],
            dtype=np.uint8,
        )
        for _ in range(draws)
    )
    return compare.with_drawn(courses_drawn)


def _has_draws_alone(designs: Mapping[int, Design], events: Sequence[Event]) -> bool:
    """Whether a history is that of one design, its lists without a gap, with nobody left out."""
    places = Counter(event.list_name for event in events)
    last = {event.list_name: event.list_position for event in events}
    return (
        len(designs) == 1
        and places == last
        and all(event.kind is Kind.ALLOCATED for event in events)
        and not any(
            event.annotations and designs[event.design_version or 0].mistakes == "leave_out"
            for event in events
        )
    )


def _arm_names(designs: Mapping[int, Design]) -> list[str]:
    return list(dict.fromkeys(arm.name for design in designs.values() for arm in design.arms))


class _Comparison:
    """The trial's own statistic, and how others compare with it."""

    def __init__(self, statistic: Statistic, outcomes: Real, course: Course) -> None:
        self._statistic, self._outcomes = statistic, outcomes
        self.seen = float(statistic(outcomes, np.array([course], dtype=np.uint8))[0])

    def are_as_large(self, arms: Whole) -> Yes:
        """Which courses have a statistic at least as large."""
        found: Yes = self._statistic(self._outcomes, arms) >= self.seen - NEAR * abs(self.seen)
        return found

    def with_drawn(self, drawn: Iterable[Whole]) -> Tested:
        """The test by courses that were drawn."""
        draws = larger = 0
        for arms in drawn:
            draws += len(arms)
            larger += int(self.are_as_large(arms).sum())
        return Tested(self.seen, (larger + 1) / (draws + 1), None, draws)


def _course(design: Design, people: Sequence[Observed]) -> Course:
    """The arms as they were; refused when they cannot be the design's."""
    arms = {arm.name: index for index, arm in enumerate(design.arms)}
    found = [
        f"Person {number} has the arm {person.arm!r}; the design has {', '.join(arms)}."
        for number, person in enumerate(people, start=1)
        if person.arm not in arms
    ]
    _refuse([*found, *_outcome_problems(people)])
    course = tuple(arms[person.arm] for person in people)
    place = first_impossible(design, [person.levels for person in people], course)
    if place is not None:
        words = f"Person {place + 1} could not get the arm {people[place].arm} by this design."
        raise PopulationProblem([words])
    return course


def _outcome_problems(people: Sequence[Observed]) -> Iterator[str]:
    for number, person in enumerate(people, start=1):
        if person.outcome is not None and not isfinite(person.outcome):
            yield f"Person {number} has the outcome {person.outcome}; give a number, or none."
    if all(person.outcome is None for person in people):
        yield "There is nobody with an outcome to test."


def _refuse(problems: Iterable[str]) -> None:
    if found := list(problems):
        raise PopulationProblem(found)


def _draw_trials(
    design: Design, levels: Sequence[Mapping[str, str]], draws: int, seed: int
) -> Iterator[Whole]:
    """Allocate the same people anew, in parts that fit into memory."""
    rng = np.random.default_rng(seed)
    part = max(1, AT_ONCE // len(levels))
    for begun in range(0, draws, part):
        arrivals = _arrivals(design, levels, min(part, draws - begun))
        yield allocate_everybody(design, arrivals, rng).arm


def _arrivals(design: Design, levels: Sequence[Mapping[str, str]], trials: int) -> Arrivals:
    shape = (trials, len(levels))
    index: dict[str, Whole] = {}
    counts: dict[str, int] = {}
    for factor in factors_of(design):
        codes = sorted({own[factor.name] for own in levels})
        counts[factor.name] = len(codes)
        one_trial = np.array([codes.index(own[factor.name]) for own in levels], dtype=np.uint32)
        index[factor.name] = np.broadcast_to(one_trial, shape)
    strata = [factor.name for factor in design.factors]
    return Arrivals(
        site=np.zeros(shape, dtype=np.uint8),
        levels=index,
        stratum=join_indexes(
            [index[name] for name in strata], [counts[name] for name in strata], shape
        ),
        strata=prod(counts[name] for name in strata),
    )
