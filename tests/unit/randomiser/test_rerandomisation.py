"""The re-randomisation test against hand enumeration and two examples of Fisher's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import log, sqrt

import numpy as np
import pytest

from randomiser import Annotation, Event, Factor, Kind, Mistake
from randomiser.envelopes import envelope_list
from randomiser.simulation.courses import TooMany, courses
from randomiser.simulation.population import PopulationProblem
from randomiser.simulation.rerandomisation import (
    Observed,
    difference_in_means,
    rerandomise,
    rerandomise_history,
)
from tests.unit.randomiser import adaptive
from tests.unit.randomiser.adaptive import event, make_hu_hu, make_minimised
from tests.unit.randomiser.builders import make_one_by_one
from tests.unit.randomiser.every_draw import distribution
from tests.unit.randomiser.test_simulation import blocks

pytestmark = pytest.mark.slow

NOBODY: Mapping[str, str] = {}
CROSSED = "23.5 12 21 22 19.125 21.5 22.125 20.375 18.25 21.625 23.25 21 22.125 23 12"
SELFED = "17.375 20.375 20 20 18.375 18.625 18.625 15.25 16.5 18 16.25 18 12.75 15.5 18"
"""Darwin's maize, inches, pair by pair (The Effects of Cross and Self Fertilisation, table 97)."""


def observe(arms: str, outcomes, levels=NOBODY):
    return [
        Observed(levels, arm, float(outcome)) for arm, outcome in zip(arms, outcomes, strict=True)
    ]


def test_darwins_maize_has_the_p_value_that_fisher_counted() -> None:
    # The Design of Experiments, 1935, section 21: of 32,768 ways to give the signs, 863 have a sum
    # of at least 314 eighths of an inch; twice as many with either sign. Pairs are blocks of two.
    pairs = zip(map(float, CROSSED.split()), map(float, SELFED.split()), strict=True)
    people = observe("AB" * 15, [height for pair in pairs for height in pair])

    done = rerandomise(blocks(2), people)

    assert done.courses == 2**15
    assert done.exact == Fraction(2 * 863, 2**15)
    assert done.statistic == pytest.approx(314 / 8 / 15)


def test_the_lady_who_tells_every_cup_has_one_chance_in_seventy() -> None:
    # The same book, section 5: eight cups, four of each, in any order; she says which.
    def count_right(said, arms):
        return (said == arms).sum(axis=1)

    made = "ABBABAAB"
    cups = make_one_by_one("random_allocation_rule", people=8)
    said = [float("AB".index(arm)) for arm in made]

    assert rerandomise(cups, observe(made, said), statistic=count_right).exact == Fraction(1, 70)
    said[0], said[1] = said[1], said[0]  # two wrong: 1 + 16 ways are as good
    assert rerandomise(cups, observe(made, said), statistic=count_right).exact == Fraction(17, 70)


def test_blocks_of_two_by_hand() -> None:
    # A B | B A with 5 1 | 2 9: differences of the sums (5-1) + (9-2) = 11. Of the four ways
    # 11, 4 - 7 = -3, -4 + 7 = 3, -11 two are as large.
    done = rerandomise(blocks(2), observe("ABBA", [5, 1, 2, 9]))

    assert done.exact == Fraction(2, 4)
    assert done.statistic == pytest.approx(11 / 2)


def test_strata_are_re_randomised_each_in_its_own_list() -> None:
    # f: A B, m: B A, taken in turn; in each stratum two orders, so four ways in all.
    sex = Factor("sex", ("f", "m"))
    design = blocks(2, factors=(sex,))
    people = [
        Observed({"sex": sex}, arm, outcome)
        for sex, arm, outcome in [
            ("f", "A", 5.0),
            ("m", "B", 2.0),
            ("f", "B", 1.0),
            ("m", "A", 9.0),
        ]
    ]

    assert rerandomise(design, people).exact == Fraction(2, 4)
    assert sorted(arms for arms, _ in courses(design, [person.levels for person in people], 9)) == [
        (0, 0, 1, 1),
        (0, 1, 1, 0),
        (1, 0, 0, 1),
        (1, 1, 0, 0),
    ]


@pytest.mark.parametrize(
    "design, people",
    [
        (blocks(2, 4), 4),
        (make_one_by_one("efron_biased_coin", p=Fraction(2, 3)), 5),
        (make_one_by_one("block_urn", 2, 1, balanced_sets=2), 5),
        (make_one_by_one("maximal_procedure", people=4, tolerance=1), 4),
    ],
    ids=lambda value: getattr(value, "method", None),
)
def test_courses_have_the_chances_of_the_live_path(design, people) -> None:
    found = {
        "".join(design.arms[arm].name for arm in arms): chance
        for arms, chance in courses(design, [NOBODY] * people, 1000)
    }

    assert found == distribution(design, people)


@pytest.mark.parametrize(
    "design", [make_minimised(2, 1), make_hu_hu()], ids=lambda design: str(design.method)
)
def test_courses_of_minimisation_have_the_chances_of_the_definition(design) -> None:
    defined = adaptive.hu_hu_chances if design.method.name == "hu_hu" else adaptive.chances
    people = adaptive.order(6)
    found = courses(design, people, 100)

    assert sum(chance for _, chance in found) == 1
    for arms, chance in found:
        names = [design.arms[arm].name for arm in arms]
        expected = Fraction(1)
        for i, name in enumerate(names):
            came = list(zip(names[:i], people, strict=False))
            expected *= dict(zip("AB", defined(design, came, people[i]), strict=True))[name]
        assert chance == expected


def test_drawn_courses_come_near_the_exact_value() -> None:
    outcomes = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    for design in (blocks(4, 6), make_minimised(measure="variance"), make_one_by_one("simple")):
        levels = PEOPLE if design.minimised else [NOBODY] * len(PEOPLE)
        arms = courses(design, levels, 1025)[100][0]
        people = [
            Observed(had, "AB"[arm], float(outcome))
            for had, arm, outcome in zip(levels, arms, outcomes, strict=True)
        ]
        exactly = rerandomise(design, people, most=1025)
        drawn = rerandomise(design, people, most=10, draws=19_999, seed=4)

        assert drawn.exact is None
        assert (drawn.courses, drawn.statistic) == (19_999, exactly.statistic)
        # Hoeffding's bound with an error of 1e-9, and 1/(m + 1) for counting the trial itself.
        assert abs(drawn.p - exactly.p) < sqrt(log(2e9) / (2 * 19_999)) + 1 / 20_000


PEOPLE = adaptive.order(10)


def test_a_p_value_of_draws_is_never_zero_and_counts_the_trial_itself() -> None:
    people = observe("AB" * 20, [10 * (n % 2 == 0) + n / 100 for n in range(40)])
    done = rerandomise(blocks(2), people, draws=99)

    assert done.p == pytest.approx(1 / 100)


def test_who_has_no_outcome_counts_for_the_allocation_alone() -> None:
    # A B | B A with 5 none | 2 9. The four ways have the means 7 and 2, 3.5 and 9, 2 and 7, 9 and
    # 3.5: they are 5, 5.5, 5 and 5.5 apart.
    people = [
        Observed(NOBODY, arm, outcome)
        for arm, outcome in [("A", 5.0), ("B", None), ("B", 2.0), ("A", 9.0)]
    ]
    done = rerandomise(blocks(2), people)

    assert (done.statistic, done.exact) == (5, 1)
    people[2], people[3] = Observed(NOBODY, "A", 2.0), Observed(NOBODY, "B", 9.0)
    assert rerandomise(blocks(2), people).exact == Fraction(2, 4)


LIST, SECOND_LIST = '["demo/duration",1,[]]', '["demo/duration",2,[]]'
ENVELOPES = envelope_list("demo/duration", 1, "northfield")
ALONE = [event(number, arm, adaptive.PEOPLE[0]) for number, arm in enumerate("AAB", start=1)]
"""The first arm is free of the other two, which are one block or balance each other."""
CERTAIN = make_minimised(p=Fraction(1), mistakes="leave_out")
HISTORIES = {
    "an amended design": (
        {1: blocks(2), 2: replace(blocks(2), version=2)},
        [
            ALONE[0],
            replace(ALONE[1], design_version=2, list_name=SECOND_LIST, list_position=1),
            replace(ALONE[2], design_version=2, list_name=SECOND_LIST, list_position=2),
        ],
    ),
    "a lost position": (
        {1: blocks(2)},
        [
            ALONE[0],
            Event(kind=Kind.LOST, design_version=1, list_name=LIST, list_position=2),
            replace(ALONE[1], list_position=3),
            replace(ALONE[2], list_position=4),
        ],
    ),
    "an envelope": (
        {1: blocks(2)},
        [
            replace(ALONE[0], kind=Kind.ENVELOPE, list_name=ENVELOPES),
            replace(ALONE[1], list_position=1),
            replace(ALONE[2], list_position=2),
        ],
    ),
    "somebody who does not count": (
        {1: CERTAIN},
        [replace(ALONE[0], annotations=(Annotation(Mistake.INELIGIBLE, after=1),)), *ALONE[1:]],
    ),
}


@pytest.mark.parametrize("designs, events", HISTORIES.values(), ids=HISTORIES)
def test_a_history_is_re_randomised_as_it_was(designs, events) -> None:
    # A A B with 1 2 9, the first one free of the others: the four ways A AB, A BA, B AB, B BA have
    # means 7.5, 3, 3 and 7.5 apart, so that two of four are as far apart as the trial's own.
    done = rerandomise_history(designs, events, {1: 1.0, 2: 2.0, 3: 9.0}, draws=4_999)

    assert (done.statistic, done.exact, done.courses) == (7.5, None, 4_999)
    # Hoeffding's bound with an error of 1e-9, and 1/(m + 1) for counting the trial itself.
    assert abs(done.p - 1 / 2) < sqrt(log(2e9) / (2 * 4_999)) + 1 / 5_000


def test_a_history_of_one_design_with_draws_alone_is_followed_exactly() -> None:
    events = [event(n, arm, NOBODY) for n, arm in enumerate("ABBA", start=1)]
    outcomes = {1: 5.0, 2: 1.0, 3: 2.0, 4: 9.0}

    assert rerandomise_history({1: blocks(2)}, events, outcomes).exact == Fraction(2, 4)


def test_a_history_without_an_outcome_is_refused_in_words() -> None:
    designs, events = HISTORIES["a lost position"]

    with pytest.raises(PopulationProblem, match="No participant has an outcome"):
        rerandomise_history(designs, events, {})


def test_an_empty_arm_counts_as_at_least_as_large() -> None:
    found = difference_in_means(np.array([1.0, 2.0]), np.array([[0, 1], [1, 1]]))

    assert found.tolist() == [1.0, np.inf]
    three = difference_in_means(np.array([1.0, 2.0, 7.0]), np.array([[0, 1, 2]]))
    assert three.tolist() == [6.0]


@pytest.mark.parametrize(
    "people, words",
    [
        ([], "No participant has an outcome; give at least one"),
        (observe("C", [1]), "Participant 1 has the arm 'C'; the design has A, B."),
        (observe("AB", [1, float("nan")]), "Participant 2 has the outcome nan"),
        (observe("AA", [1, 2]), "The design cannot allocate participant 2 to the arm A."),
    ],
)
def test_what_cannot_be_tested_is_refused_in_words(people, words: str) -> None:
    with pytest.raises(PopulationProblem, match=words):
        rerandomise(blocks(2), people)


def test_more_courses_than_asked_for_are_not_followed() -> None:
    assert len(courses(blocks(2), [NOBODY] * 4, 4)) == 4
    for people, most in ((6, 7), (201, 10**9)):
        with pytest.raises(TooMany):
            courses(blocks(2), [NOBODY] * people, most)
