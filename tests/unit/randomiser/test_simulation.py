"""Simulated frequencies lie within a stated bound of the exact figures, with a fixed seed.

The bound is Hoeffding's for a mean of independent values in an interval: at so many trials the
error is larger with a chance of at most 1e-9 for each comparison.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import log, sqrt

import numpy as np
import pytest

from randomiser import Factor
from randomiser.simulation.block_lists import block_lists
from randomiser.simulation.exact import list_exactly
from randomiser.simulation.exact_strata import (
    is_feasible,
    short_strata,
    sizes_of_stratum,
    strata_exactly,
)
from randomiser.simulation.grouping import credit_counting, group_people
from randomiser.simulation.population import (
    Population,
    PopulationProblem,
    Site,
    stratum_shares,
)
from randomiser.simulation.run import simulate
from randomiser.simulation.size_guesses import guess_without_sizes
from tests.unit.randomiser.builders import make_one_by_one
from tests.unit.randomiser.every_draw import distribution

pytestmark = pytest.mark.slow

TRIALS = 20_000
EVERYBODY = Population((Site("Oslo", 1),))
P = Fraction(2, 3)


def bound(trials=TRIALS, width=1.0):
    return width * sqrt(log(2e9) / (2 * trials))


def blocks(*sizes, ratio=(1, 1), weights=None, factors=()):
    return make_one_by_one(
        "permuted_blocks",
        *ratio,
        sizes=sizes,
        weights=weights or (1,) * len(sizes),
        factors=factors,
    )


DESIGNS = [
    blocks(4, 6),
    blocks(2, 4, 8, weights=(1, 2, 3)),
    blocks(3, 6, ratio=(2, 1)),
    blocks(5, ratio=(2, 2, 1)),
    blocks(24),  # more orders than a table holds
    make_one_by_one("simple", 3, 2),
    make_one_by_one("random_allocation_rule", 2, 1, people=30),
    make_one_by_one("random_allocation_rule", 2, 1, people=9),  # full before everybody is in
    make_one_by_one("efron_biased_coin", p=P),
    make_one_by_one("chen_biased_coin", p=P, tolerance=3),
    make_one_by_one("big_stick", tolerance=2),
    make_one_by_one("wei_urn", alpha=0, beta=1),
    make_one_by_one("wei_urn", 1, 1, 1, alpha=1, beta=2),
    make_one_by_one("block_urn", 2, 1, balanced_sets=2),
    make_one_by_one("block_urn", 2, 2, 1, balanced_sets=3),
    make_one_by_one("maximal_procedure", people=12, tolerance=3),
]


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.method.name)
def test_frequencies_of_one_list_are_the_exact_chances(design):
    people = 12
    done = simulate(design, EVERYBODY, trials=TRIALS, people=people, seed=20_261_126)
    exactly = list_exactly(design, people)

    for position, chances in enumerate(exactly.arms):
        for arm, chance in zip(design.arms, chances, strict=True):
            assert done.arrivals[position][arm.name] == pytest.approx(float(chance), abs=bound())
    if all(map(sum, exactly.arms)):
        for name in ("converged", "informed", "certain"):
            told = {"converged": "stratum"}.get(name, name)
            chance = float(sum(getattr(exactly, name)) / people)
            assert getattr(done.guessing, told).value == pytest.approx(chance, abs=bound())


@pytest.mark.parametrize("design", DESIGNS[:7], ids=lambda design: design.method.name)
def test_every_difference_occurs_as_often_as_it_should(design):
    people, ratios = 11, [arm.ratio for arm in design.arms]
    done = simulate(design, EVERYBODY, trials=TRIALS, people=people, seed=7)
    exactly = list_exactly(design, people).leads[people]
    scale = int(np.lcm.reduce(ratios))
    wanted = {value / scale: float(chance) for value, chance in exactly.items()}

    assert set(done.overall.chances) <= set(wanted)
    for value, chance in wanted.items():
        assert done.overall.chances.get(value, 0) == pytest.approx(chance, abs=bound())
    assert done.overall.largest <= max(map(abs, wanted))
    assert done.overall.people == people


SEX, AGE = Factor("sex", ("f", "m")), Factor("age", ("young", "old", "oldest"))
UNEQUAL = Population(
    (Site("Oslo", 5), Site("Bergen", 2), Site("Tromsø", 1)),
    {"sex": {"f": 1, "m": 3}, "age": {"young": 2, "old": 2, "oldest": 1}},
)


@pytest.mark.parametrize(
    "design",
    [
        blocks(4, 6, factors=(SEX, AGE)),
        blocks(3, 6, ratio=(2, 1), factors=(SEX, AGE)),
        make_one_by_one("efron_biased_coin", p=P, factors=(SEX, AGE)),
        make_one_by_one("block_urn", 2, 1, balanced_sets=2, factors=(SEX, AGE)),
    ],
    ids=lambda design: design.method.name,
)
def test_figures_of_a_stratified_design_are_the_exact_ones(design):
    people, strata = 40, 6
    done = simulate(design, UNEQUAL, trials=TRIALS, people=people, seed=3)
    exactly = strata_exactly(design, UNEQUAL, people)
    scale = int(np.lcm.reduce([arm.ratio for arm in design.arms]))

    assert done.guessing.stratum.value == pytest.approx(float(exactly.converged), abs=bound())
    assert done.guessing.informed.value == pytest.approx(float(exactly.informed), abs=bound())
    assert done.guessing.certain.value == pytest.approx(float(exactly.certain), abs=bound())
    assert done.empty == pytest.approx(float(exactly.empty), abs=bound(width=strata))
    # A stratum's difference is at most its people: the mean over the six is at most 40 / 6.
    mean = float(exactly.mean_lead) / scale
    assert done.strata.mean == pytest.approx(mean, abs=bound(width=people / strata))
    if exactly.overall_square is not None:
        root = sqrt(exactly.overall_square) / scale  # its error is about 0.5 % with 20,000 trials
        assert done.overall.sd == pytest.approx(root, rel=0.05)


def test_exact_strata_are_every_way_in_which_people_can_fall():
    design = blocks(2, factors=(SEX,))
    population = Population((Site("Oslo", 1),), {"sex": {"f": 1, "m": 3}})
    one = list_exactly(design, 4)
    right = mean = short = empty = Fraction(0)
    for fallen in product("fm", repeat=4):
        chance = Fraction(3 ** fallen.count("m"), 4**4)
        for sex in "fm":
            held = fallen.count(sex)
            right += chance * sum(one.converged[:held]) / 4
            mean += chance * sum(abs(d) * c for d, c in one.leads[held].items()) / 2
            short += chance * (held == 1)
            empty += chance * (held == 0)

    found = strata_exactly(design, population, 4)

    assert (found.converged, found.mean_lead, found.empty) == (right, mean, empty)
    assert short_strata(design, population, 4) == pytest.approx(float(short))


def test_people_fall_into_strata_by_sites_and_levels():
    country = Factor("country")
    population = Population(
        (Site("Oslo", 3, {"country": "NO"}), Site("Umeå", 1, {"country": "SE"})),
        {"sex": {"f": 1, "m": 1}},
    )
    shares = stratum_shares(blocks(4, factors=(country, SEX)), population)

    assert shares == {
        ("NO", "f"): Fraction(3, 8),
        ("NO", "m"): Fraction(3, 8),
        ("SE", "f"): Fraction(1, 8),
        ("SE", "m"): Fraction(1, 8),
    }
    assert sizes_of_stratum(2, Fraction(1, 4)) == [
        Fraction(9, 16),
        Fraction(6, 16),
        Fraction(1, 16),
    ]


def test_frequencies_of_sites_and_levels_are_their_shares():
    done = simulate(blocks(4, factors=(SEX, AGE)), UNEQUAL, trials=2000, people=40, seed=1)

    assert done.sites["Oslo"].people == pytest.approx(25, abs=bound(2000, 40))
    assert done.factors["sex"]["m"].people == pytest.approx(30, abs=bound(2000, 40))
    assert done.factors["age"]["oldest"].people == pytest.approx(8, abs=bound(2000, 40))
    assert sum(site.people for site in done.sites.values()) == pytest.approx(40)


def test_a_guesser_at_one_site_sees_less_than_one_who_sees_all():
    done = simulate(blocks(4, factors=(SEX,)), UNEQUAL, trials=2000, people=60, seed=1).guessing
    alone = simulate(blocks(4, factors=(SEX,)), ONE_SITE, trials=2000, people=60, seed=1).guessing

    assert done.own_site.value < done.stratum.value - bound(2000)
    assert alone.own_site == alone.stratum


ONE_SITE = Population((Site("Oslo", 1),), {"sex": {"f": 1, "m": 1}})


def test_same_seed_gives_the_same_figures_and_another_one_others():
    first, again, other = (
        simulate(blocks(4, 6), EVERYBODY, trials=50, people=9, seed=seed) for seed in (1, 1, 2)
    )

    assert first == again
    assert first.overall != other.overall


def test_full_lists_refuse_whoever_comes_after():
    design = make_one_by_one("random_allocation_rule", people=6)
    done = simulate(design, EVERYBODY, trials=50, people=8, seed=1)

    assert done.refused == pytest.approx(2 / 8)
    assert done.arrivals[6] == {"A": 0, "B": 0}
    assert done.overall.largest == 0


def test_guesser_names_the_arm_behind_and_tosses_at_a_tie():
    arm = np.array([0, 1, 1, 1, 0, 1])  # a list of four, A B B B, and one of two, A B
    right = credit_counting(arm, np.array([4, 0, 2]), [1, 1])

    assert right.tolist() == [0.5, 1, 0.5, 0, 0.5, 1]


def test_guesser_names_the_larger_arm_where_several_are_as_far_behind():
    arm = np.array([0, 0, 1, 2])  # A A B C in the ratio 2:1:1
    right = credit_counting(arm, np.array([4]), [2, 1, 1])

    # At the beginning A; then B or C are behind; still; then C alone.
    assert right.tolist() == [1, 0, 0.5, 1]


def test_groups_keep_the_order_of_arrival():
    groups = group_people(np.array([[1, 0, 1], [2, 2, 0]], dtype=np.uint8), 3)
    arm = np.array([[10, 11, 12], [13, 14, 15]])

    assert groups.lengths.tolist() == [1, 2, 0, 1, 0, 2]
    assert groups.sort(arm).tolist() == [11, 10, 12, 15, 13, 14]
    assert groups.unsort(groups.sort(arm)).tolist() == arm.tolist()


def test_lists_of_any_length_are_cut_where_they_end():
    lengths = np.array([0, 1, 7, 4])
    done = block_lists(blocks(4), lengths, np.random.default_rng(1))

    assert len(done.arm) == len(done.informed) == len(done.certain) == 12
    assert np.bincount(done.arm[1:5], minlength=2).tolist() == [2, 2]
    assert np.bincount(done.arm[8:], minlength=2).tolist() == [2, 2]


@pytest.mark.parametrize(
    "population, words",
    [
        (Population(()), "There are 0 sites; give 1 to 500."),
        (
            Population((Site("Oslo", 1), Site("Oslo", 2)), {"sex": {"f": 1}}),
            "sites: two have the same name; give each a name of its own.",
        ),
        (
            Population((Site("Oslo", 0),), {"sex": {"f": 1}}),
            "sites: the numbers add up to 0; give 1 to 50000.",
        ),
        (
            Population((Site("Oslo", 1),)),
            "sex: the prevalence of its levels is missing; give it.",
        ),
        (
            Population((Site("Oslo", 1),), {"sex": {"f": 1, "x": 1}}),
            "sex: the design has no level 'x'; it knows f, m.",
        ),
        (
            Population((Site("Oslo", 1),), {"sex": {"f": -1, "m": 2}}),
            "sex: f has -1; give a whole number, 0 or more.",
        ),
        (
            Population((Site("Oslo", 1, {"sex": "f"}),), {"sex": {"f": 1}}),
            "sex: give its prevalence or its level at each site, not both.",
        ),
    ],
)
def test_people_who_do_not_fit_are_refused_in_words(population, words):
    with pytest.raises(PopulationProblem) as refused:
        simulate(blocks(4, factors=(SEX,)), population, trials=1, people=4, seed=1)

    assert words in refused.value.problems


def test_too_many_strata_are_refused():
    factors = tuple(Factor(f"f{i}", tuple("abcdefghij")) for i in range(5))
    population = Population(
        (Site("Oslo", 1),), {factor.name: dict.fromkeys(factor.levels, 1) for factor in factors}
    )

    with pytest.raises(PopulationProblem, match="There are 100000 strata; at most 20000"):
        simulate(blocks(4, factors=factors), population, trials=1, people=4, seed=1)


def test_exact_figures_are_left_out_where_they_would_take_too_long_or_lists_are_full():
    assert is_feasible(blocks(4, 6), EVERYBODY, 300)
    assert not is_feasible(blocks(4, 6), EVERYBODY, 30_000)
    rule = make_one_by_one("random_allocation_rule", people=10)
    assert not is_feasible(rule, EVERYBODY, 12)
    coin = make_one_by_one("efron_biased_coin", p=P)
    assert not is_feasible(coin, EVERYBODY, 5_000)
    many = Population(tuple(Site(f"site {n}", n, {"country": f"{n}"}) for n in range(1, 401)))
    assert not is_feasible(blocks(4, factors=(Factor("country"),)), many, 300)


@pytest.mark.parametrize(
    "design, people",
    [
        (blocks(4), 6),
        (blocks(2, 4), 6),
        (blocks(2, 4, weights=(1, 3)), 5),
        (blocks(3, 6, ratio=(2, 1)), 5),
    ],
)
def test_who_knows_the_design_alone_guesses_the_likelier_arm_of_the_live_path(design, people):
    # By enumeration: after each beginning that the live path can draw, the likelier arm is named.
    beginnings: Counter[str] = Counter()
    for arms, chance in distribution(design, people).items():
        beginnings.update({arms[:n]: chance for n in range(people + 1)})
    right = certain = Fraction(0)
    for begun in [arms for arms in beginnings if len(arms) < people]:
        after = [beginnings[begun + arm] for arm in "AB"]
        right += max(after)
        certain += beginnings[begun] if not all(after) else 0

    lengths = np.full(TRIALS, people)
    drawn = block_lists(design, lengths, np.random.default_rng(8))
    found, sure = guess_without_sizes(design, drawn.arm, lengths)

    assert found.mean() == pytest.approx(float(right) / people, abs=bound())
    assert sure.mean() == pytest.approx(float(certain) / people, abs=bound())


def test_who_does_not_know_each_blocks_size_knows_less_for_sure():
    mixed = simulate(blocks(4, 6), EVERYBODY, trials=400, people=40, seed=1).guessing
    fixed = simulate(blocks(4), EVERYBODY, trials=400, people=40, seed=1).guessing

    assert mixed.designed_certain.value < mixed.certain.value / 3
    assert fixed.designed_certain == fixed.certain
    assert fixed.designed == fixed.informed


def test_lists_are_followed_in_parts_of_the_trials_alone():
    for people, factors in ((5_000, ()), (30, (SEX, AGE))):
        done = simulate(blocks(4, 6, factors=factors), UNEQUAL, trials=1_000, people=people, seed=1)

        assert 0.6 < done.guessing.designed.value < 0.75
