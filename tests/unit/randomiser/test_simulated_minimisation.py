"""Simulated minimisation has the chances of the live path over every course, within a bound.

The bound is that of test_simulation.py: Hoeffding's, with an error of 1e-9 for each comparison.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest

from randomiser import Factor
from randomiser.methods.minimisation import MEASURES
from randomiser.simulation.exact_adaptive import arrivals_exactly, largest_departure_on_arrival
from randomiser.simulation.minimised import chances_of_sets
from randomiser.simulation.population import Population, Site
from randomiser.simulation.run import simulate
from tests.unit.randomiser import adaptive
from tests.unit.randomiser.adaptive import make_hu_hu, make_minimised
from tests.unit.randomiser.test_simulation import TRIALS, bound

pytestmark = pytest.mark.slow

PEOPLE = Population(
    (Site("Oslo", 2), Site("Bergen", 1)),
    {"sex": {"f": 1, "m": 1}, "age": {"young": 1, "old": 2}},
)
DESIGNS = [
    *[
        make_minimised(*ratio, measure=measure, factor_weights=(2, 3))
        for measure in MEASURES
        for ratio in [(1, 1), (2, 1), (3, 2), (2, 2, 1)]
        if measure != "squared_difference" or len(ratio) == 2
    ],
    make_minimised(p=Fraction(1)),
    make_minimised(2, 1, first=2),
    make_minimised(1, 1, 1, p=Fraction(2, 3)),
    make_hu_hu(),
    make_hu_hu(overall_weight=0, factor_weights=(5, 1), stratum_weight=0),
]


def name_of(design):
    ratio = ":".join(str(arm.ratio) for arm in design.arms)
    return f"{design.method.name} {design.measure} {ratio}"


@pytest.mark.parametrize("design", DESIGNS, ids=name_of)
def test_frequencies_are_the_chances_of_every_course(design):
    exactly = arrivals_exactly(design, PEOPLE, 6)
    people = len(exactly.arms)
    done = simulate(design, PEOPLE, trials=TRIALS, people=people, seed=11)
    scale = int(np.lcm.reduce([arm.ratio for arm in design.arms]))

    assert people >= 4
    for number, chances in enumerate(exactly.arms):
        for arm, chance in zip(design.arms, chances, strict=True):
            assert done.arrivals[number][arm.name] == pytest.approx(float(chance), abs=bound())
    for value, chance in exactly.leads[people].items():
        seen = done.overall.chances.get(value / scale, 0)
        assert seen == pytest.approx(float(chance), abs=bound())
    informed, certain = sum(exactly.informed) / people, sum(exactly.certain) / people
    assert done.guessing.informed.value == pytest.approx(float(informed), abs=bound())
    assert done.guessing.certain.value == pytest.approx(float(certain), abs=bound())


@pytest.mark.parametrize("design", [make_minimised(2, 1), make_hu_hu()], ids=name_of)
def test_every_course_has_the_chance_that_the_definition_gives(design):
    # Over every order of levels and arms, with the chances written by hand for the tests.
    chances = adaptive.hu_hu_chances if design.method.name == "hu_hu" else adaptive.chances
    kinds = [({"sex": sex, "age": age}, chance) for sex in "fm" for age, chance in AGES]
    found = [dict.fromkeys("AB", Fraction(0)) for _ in range(3)]
    for course in product(product(kinds, "AB"), repeat=3):
        came = [(arm, levels) for (levels, _), arm in course]
        each = [
            chance * dict(zip("AB", chances(design, came[:i], levels), strict=True))[arm]
            for i, ((levels, chance), arm) in enumerate(course)
        ]
        for i, (arm, _) in enumerate(came):
            found[i][arm] += prod(each)

    assert arrivals_exactly(design, PEOPLE, 3).arms == tuple(
        tuple(chances.values()) for chances in found
    )


AGES = [("young", Fraction(1, 6)), ("old", Fraction(1, 3))]


def test_equal_arms_have_their_share_whoever_comes():
    for design in (make_minimised(), make_minimised(1, 1, 1), make_hu_hu()):
        departure, followed = largest_departure_on_arrival(design, PEOPLE, 6)

        assert departure is None
        assert followed >= 4


def test_minimisation_at_an_unequal_ratio_favours_the_larger_arm_for_whoever_is_first():
    # Nobody is there: one more in A (2:1) leaves scaled counts 1 and 0, one more in B 0 and 2. So A
    # alone is preferred, and B comes with (1 - p) r_B / (S - r_min) = 1/5 x 1/2 at p = 4/5.
    departure, _ = largest_departure_on_arrival(make_minimised(2, 1), PEOPLE, 4)

    assert (departure.position, departure.arm) == (1, "A")
    assert (departure.chance, departure.share) == (Fraction(9, 10), Fraction(2, 3))


def test_sets_of_best_arms_have_the_chances_of_a_biased_coin():
    # p = 4/5 for the preferred arm of three equal ones; the others share the rest.
    table = chances_of_sets(make_minimised(1, 1, 1))

    assert table[0b001].tolist() == pytest.approx([0.8, 0.1, 0.1])
    assert table[0b011].tolist() == pytest.approx([0.45, 0.45, 0.1])
    assert table[0b111].tolist() == pytest.approx([1 / 3] * 3)


def test_minimisation_balances_levels_within_each_stratum_and_not_across():
    strata = Factor("country", ("NO", "SE"))
    design = make_minimised(p=Fraction(1), factors=(strata,))
    population = Population(
        (Site("Oslo", 1, {"country": "NO"}), Site("Umeå", 1, {"country": "SE"})),
        {"sex": {"f": 1, "m": 1}, "age": {"young": 1, "old": 1}},
    )
    done = simulate(design, population, trials=400, people=80, seed=5)
    simple = simulate(make_minimised(p=Fraction(1, 2)), PEOPLE, trials=400, people=80, seed=5)

    assert done.factors["sex"]["f"].sd < 2
    assert simple.factors["sex"]["f"].sd > 5  # the root of 40 for a coin
    assert done.factors["country"]["NO"].sd < 2


def test_first_people_are_allocated_by_the_ratio_alone():
    done = simulate(make_minimised(p=Fraction(1), first=4), PEOPLE, trials=TRIALS, people=4, seed=2)

    assert done.guessing.informed.value == pytest.approx(1 / 2, abs=bound())
    assert done.guessing.certain.value == 0
    assert done.overall.chances[4.0] == pytest.approx(1 / 16, abs=bound())
