"""The re-randomisation test: could chance in the allocation alone explain the difference?

The participants, their outcomes, levels and order do not change; arms are allocated again by the
trial's own design. The test is exact when all courses can be computed; otherwise courses are drawn
at random.
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
NEAR = 1e-9  # equal statistics may differ by this much in floating point

Statistic = Callable[[Real, Whole], Real]
"""From outcomes by person (NaN where there is none), and arms by course and person, to one number
for each course."""


@dataclass(frozen=True)
class Observed:
    """A participant of the trial, in the order of allocation.

    outcome: None when there is none: the participant matters for the allocation only.
    """

    levels: Mapping[str, str]
    arm: str
    outcome: float | None


@dataclass(frozen=True)
class Tested:
    """The result of the test.

    statistic: the statistic of the trial itself.
    p:         the chance that a re-randomised trial has a statistic at least as large.
    exact:     p as a fraction when all courses were computed; None when courses were drawn.
    courses:   the number of courses computed or drawn.
    """

    statistic: float
    p: float
    exact: Fraction | None
    courses: int


def difference_in_means(outcomes: Real, arms: Whole) -> Real:
    """Return the largest minus the smallest mean outcome of the arms, for each course.

    It is infinite when an arm has no outcome: such a course counts as at least as large.
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

    statistic: a larger value is stronger evidence against equal arms.
    most:      the most courses that are all computed; p is then the sum of the chances of those at
               least as large. If there are more, `draws` of them are drawn, and p is
               (b + 1) / (draws + 1) with b at least as large, valid for any number of draws.
    Raises PopulationProblem for arms that the design could not have allocated, and UnknownLevel.
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

    designs:  by version, every design used for an allocation; no uploaded list.
    outcomes: by study-wide number; a participant without one matters for the allocation only.
    A history of one design version with ordinary allocations only is tested as by `rerandomise`,
    exactly if possible. Otherwise courses are drawn with the code of live allocations: amended
    designs, lost list positions, envelopes, and participants randomised in error who do not count
    stay as they were.
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
    """Return whether a history has one design, lists without gaps and counts every participant."""
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
    """The statistic of the trial itself, for comparison with other courses."""

    def __init__(self, statistic: Statistic, outcomes: Real, course: Course) -> None:
        self._statistic, self._outcomes = statistic, outcomes
        self.seen = float(statistic(outcomes, np.array([course], dtype=np.uint8))[0])

    def are_as_large(self, arms: Whole) -> Yes:
        """Return which courses have a statistic at least as large."""
        found: Yes = self._statistic(self._outcomes, arms) >= self.seen - NEAR * abs(self.seen)
        return found

    def with_drawn(self, drawn: Iterable[Whole]) -> Tested:
        """Return the result of the test from drawn courses."""
        draws = larger = 0
        for arms in drawn:
            draws += len(arms)
            larger += int(self.are_as_large(arms).sum())
        return Tested(self.seen, (larger + 1) / (draws + 1), None, draws)


def _course(design: Design, people: Sequence[Observed]) -> Course:
    """Return the trial's own arms. Raises PopulationProblem when the design cannot give them."""
    arms = {arm.name: index for index, arm in enumerate(design.arms)}
    found = [
        f"Participant {number} has the arm {person.arm!r}; the design has {', '.join(arms)}."
        for number, person in enumerate(people, start=1)
        if person.arm not in arms
    ]
    _refuse([*found, *_outcome_problems(people)])
    course = tuple(arms[person.arm] for person in people)
    place = first_impossible(design, [person.levels for person in people], course)
    if place is not None:
        arm = people[place].arm
        words = f"The design cannot allocate participant {place + 1} to the arm {arm}."
        raise PopulationProblem([words])
    return course


def _outcome_problems(people: Sequence[Observed]) -> Iterator[str]:
    for number, person in enumerate(people, start=1):
        if person.outcome is not None and not isfinite(person.outcome):
            yield f"Participant {number} has the outcome {person.outcome}; give a number, or none."
    if all(person.outcome is None for person in people):
        yield "No participant has an outcome; give at least one."


def _refuse(problems: Iterable[str]) -> None:
    if found := list(problems):
        raise PopulationProblem(found)


def _draw_trials(
    design: Design, levels: Sequence[Mapping[str, str]], draws: int, seed: int
) -> Iterator[Whole]:
    """Yield arms of the same participants, allocated again, in parts that fit into memory."""
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
