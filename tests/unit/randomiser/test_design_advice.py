"""What speaks against a design is said, with its figure; what does not stays unsaid."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from capture.randomisation.designs.simulation_labels import departure_words
from randomiser import Factor
from randomiser.figures import percent
from randomiser.simulation.advice import Trial, departure_of, warnings
from randomiser.simulation.population import Population, Site
from randomiser.simulation.report import report_on
from tests.unit.randomiser.adaptive import make_hu_hu, make_minimised
from tests.unit.randomiser.builders import make_one_by_one
from tests.unit.randomiser.test_simulation import blocks

pytestmark = pytest.mark.slow

COUNTRY, SEX = Factor("country"), Factor("sex", ("f", "m"))
POPULATION = Population(
    (Site("Oslo", 1, {"country": "NO"}), Site("Umeå", 1, {"country": "SE"})),
    {"sex": {"f": 1, "m": 1}, "age": {"young": 1, "old": 1}},
)
OPEN = Trial(POPULATION, 100, is_open_label=True, site_factors=frozenset({"country"}))
STRATA = (COUNTRY, SEX)


def list_warnings(design, trial=OPEN):
    return warnings(design, trial, departure_of(design, trial.population)[0])


@pytest.mark.parametrize(
    "design, begins",
    [
        (
            blocks(4, factors=STRATA),
            "One fixed block size, 4, with strata by site in an open-label",
        ),
        (blocks(2, 4), "A block of 2 is the smallest possible"),
        (make_minimised(p=Fraction(1)), "No random element: with p = 1"),
        (make_minimised(2, 1, p=Fraction(1, 3)), "p is 1/3, the share of the smallest arm"),
        (make_one_by_one("efron_biased_coin", p=Fraction(1, 2)), "p is 1/2: the coin is fair"),
        (make_one_by_one("efron_biased_coin", p=Fraction(9, 10)), "Efron's coin with p = 9/10"),
        (make_one_by_one("big_stick", tolerance=1), "A tolerance of 1 makes blocks of 2"),
        (make_one_by_one("wei_urn", alpha=1, beta=0), "beta is 0: the urn never changes"),
        (make_one_by_one("random_allocation_rule", people=40), "A list has 40 positions, and"),
        (make_one_by_one("block_urn", 2, 1, balanced_sets=2), "An arm's chance is not its share"),
        (make_minimised(2, 1), "An arm's chance is not its share everywhere: A has 90.0 % at"),
    ],
    ids=lambda value: getattr(value, "method", None),
)
def test_each_weakness_is_said_alone(design, begins):
    found = list_warnings(design)

    assert len(found) == 1, found
    assert found[0].startswith(begins)


@pytest.mark.parametrize(
    "design",
    [
        blocks(4, 6, factors=STRATA),
        blocks(6, 9, ratio=(2, 1)),
        make_minimised(),
        make_hu_hu(),
        make_one_by_one("simple", 2, 1),
        make_one_by_one("efron_biased_coin", p=Fraction(2, 3)),
        make_one_by_one("block_urn", balanced_sets=3),
        make_one_by_one("random_allocation_rule", people=200),
    ],
    ids=lambda design: design.method.name,
)
def test_nothing_is_said_of_a_sound_design(design):
    assert list_warnings(design) == []


def test_figures_in_the_words_are_exact():
    # Of a block of 4 a third is certain; of a block of 2 three quarters are guessed, one certain.
    assert "knows 33.3 % of them for sure" in list_warnings(blocks(4, factors=STRATA))[0]
    assert (
        "names 75.0 % of the arms correctly and knows 50.0 % for sure"
        in list_warnings(blocks(2, 4))[0]
    )
    # Efron at 9/10: r = 1/9, a tie has 4/9 of all times; 4/9 x 1/2 + 5/9 x 9/10 = 13/18.
    efron = make_one_by_one("efron_biased_coin", p=Fraction(9, 10))
    assert "name 72.2 % of them correctly in the long run" in list_warnings(efron)[0]
    assert (
        "A has 64.0 % at number 5 of the list positions, and a share of 66.7 %"
        in (list_warnings(make_one_by_one("block_urn", 2, 1, balanced_sets=2))[0])
    )


def test_fixed_blocks_pass_where_the_arms_are_not_seen_or_sites_are_no_strata():
    blinded = replace(OPEN, is_open_label=False)

    assert list_warnings(blocks(4, factors=STRATA), blinded) == []
    assert list_warnings(blocks(4, factors=(SEX,))) == []


def test_offered_sizes_are_twice_and_three_times_the_ratio():
    assert "such as 4 and 6." in list_warnings(blocks(8, factors=STRATA))[0]
    assert "such as 6 and 9." in list_warnings(blocks(6, ratio=(2, 1), factors=STRATA))[0]


def test_too_many_strata_are_said_with_their_numbers():
    few = replace(OPEN, people=18)

    assert list_warnings(blocks(4, 6, factors=STRATA), few) == [
        "Too many strata: 18 participants in 4 strata are 4.5 in each on average, fewer than the "
        "mean block of 5.0. Most strata end inside a block, and their imbalances add up. Use fewer "
        "factors, or minimisation."
    ]
    assert list_warnings(blocks(4, 6, factors=STRATA), replace(OPEN, people=20)) == []


def test_percentages_are_rounded_half_up():
    assert [percent(Fraction(n, 2000)) for n in (1, 2, 3, 1333)] == [
        "0.1 %",
        "0.1 %",
        "0.2 %",
        "66.7 %",
    ]


def test_a_report_puts_simulated_and_exact_figures_together():
    report = report_on(blocks(4, 6, factors=STRATA), OPEN, trials=500, seed=1)
    plain = report.as_plain()

    assert abs(report.exactly.converged - report.simulated.guessing.stratum.value) < 0.02
    assert report.exactly.overall_sd > report.exactly.strata_sd
    assert plain["chances"] == [["1/2", "1/2"]] * 12
    assert plain["departure"] is None
    assert plain["parameters"] == {"sizes": [4, 6], "weights": [1, 1]}


def test_a_report_says_which_exact_figures_there_are_not():
    report = report_on(make_minimised(2, 1), OPEN, trials=50, seed=1)

    assert report.exactly is None
    assert report.as_plain()["departure"] == {
        "position": 1,
        "arm": "A",
        "chance": "9/10",
        "share": "2/3",
    }


def test_minimisation_of_too_many_kinds_of_people_is_not_followed():
    factors = tuple(Factor(f"f{i}", tuple("abcdefgh")) for i in range(4))
    population = Population(
        (Site("Oslo", 1),), {factor.name: dict.fromkeys(factor.levels, 1) for factor in factors}
    )
    design = make_minimised(2, 1, minimised=factors, factor_weights=(1,) * 4)
    trial = Trial(population, 20, is_open_label=True, site_factors=frozenset())
    report = report_on(design, trial, trials=20, seed=1)

    assert (report.chances, report.departure) == ((), None)
    assert departure_words(report) == "not calculated: too many kinds of participants"
