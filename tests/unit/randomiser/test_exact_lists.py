"""Exact figures of one list: the live path run over every draw, closed forms, published tables."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import comb

import pytest

from randomiser.simulation.exact import (
    certain_in_block,
    largest_departure,
    lead,
    list_exactly,
    positions_to_follow,
)
from tests.unit.randomiser.builders import make_design, make_one_by_one
from tests.unit.randomiser.every_draw import correct_guesses, distribution

pytestmark = pytest.mark.slow

P = Fraction(2, 3)
RATIOS = [(1, 1), (2, 1), (3, 2), (2, 2, 1)]


def blocks(*sizes, ratio=(1, 1), weights=None):
    return make_one_by_one(
        "permuted_blocks", *ratio, sizes=sizes, weights=weights or (1,) * len(sizes)
    )


SMALL = [
    (blocks(2), 6),
    (blocks(2, 4, weights=(1, 2)), 4),
    (blocks(3, ratio=(2, 1)), 4),
    (make_one_by_one("simple", 2, 2, 1), 4),
    (make_one_by_one("random_allocation_rule", people=6), 6),
    (make_one_by_one("random_allocation_rule", 3, 2, people=5), 5),
    (make_one_by_one("efron_biased_coin", p=P), 6),
    (make_one_by_one("chen_biased_coin", p=P, tolerance=2), 6),
    (make_one_by_one("big_stick", tolerance=2), 6),
    (make_one_by_one("wei_urn", alpha=0, beta=1), 5),
    (make_one_by_one("wei_urn", 1, 1, 1, alpha=1, beta=1), 4),
    (make_one_by_one("block_urn", 2, 1, balanced_sets=2), 5),
    (make_one_by_one("maximal_procedure", people=4, tolerance=1), 4),
]


def name_of(value):
    return getattr(value, "method", None)


@pytest.mark.parametrize("design, people", SMALL, ids=name_of)
def test_figures_are_those_of_the_live_path_over_every_draw(design, people):
    drawn, names = distribution(design, people), [arm.name for arm in design.arms]
    ratios = [arm.ratio for arm in design.arms]
    arms, leads = Counter(), Counter()
    for sequence, chance in drawn.items():
        for position, arm in enumerate(sequence):
            arms[position, arm] += chance
        leads[lead([sequence.count(name) for name in names], ratios)] += chance

    found = list_exactly(design, people)

    assert found.arms == tuple(
        tuple(arms[position, name] for name in names) for position in range(people)
    )
    assert Counter(found.leads[-1]) == leads
    if ratios == [1, 1]:
        right = sum(chance * correct_guesses(sequence) for sequence, chance in drawn.items())
        assert sum(found.converged) == right


@pytest.mark.parametrize(
    "size, right, certain",
    [
        (2, Fraction(3, 2), 1),
        (4, Fraction(17, 6), Fraction(4, 3)),
        (6, Fraction(41, 10), Fraction(3, 2)),
        (8, Fraction(373, 70), Fraction(8, 5)),
        (10, Fraction(823, 126), Fraction(5, 3)),
    ],
)
def test_blocks_are_guessed_as_often_as_the_closed_form_says(size, right, certain):
    # m + (4^m / C(2m, m) - 1) / 2 right guesses in a block of 2m (Blackwell and Hodges 1957).
    half = size // 2
    found = list_exactly(blocks(size), size)

    assert sum(found.converged) == right == half + (Fraction(4**half, comb(size, half)) - 1) / 2
    assert sum(found.certain) == certain
    assert found.informed == found.converged, "in a block the arm behind is the likelier one"


def test_guesses_over_whole_blocks_of_random_size_are_their_weighted_mean():
    right = sum(sum(list_exactly(blocks(size), size).converged) for size in (4, 6))

    assert right / 10 == Fraction(52, 75)


def test_imbalance_in_a_block_is_hypergeometric():
    found = list_exactly(blocks(6), 8)

    assert found.leads[3] == {
        lead: Fraction(w, 20) for lead, w in [(-3, 1), (-1, 9), (1, 9), (3, 1)]
    }
    for taken in range(7):
        square = sum(lead**2 * chance for lead, chance in found.leads[taken].items())
        assert square == Fraction(taken * (6 - taken), 5)
    assert found.leads[8] == {-2: Fraction(1, 5), 0: Fraction(3, 5), 2: Fraction(1, 5)}


def test_simple_randomisation_is_a_fair_walk():
    found = list_exactly(make_one_by_one("simple"), 10)

    assert found.leads[10] == {
        2 * heads - 10: Fraction(comb(10, heads), 1024) for heads in range(11)
    }
    assert set(found.converged) == set(found.informed) == {Fraction(1, 2)}
    assert not any(found.certain)


def test_efrons_coin_settles_at_its_stationary_chance_of_a_tie():
    # With r = q/p, detailed balance gives differences 0, 2, 4 … the weights 1, r(1 + r), r^3(1 + r)
    # … at even times; their sum is 1 + r(1 + r)(1 + r^2 + r^4 …) = 1/(1 - r), so a tie has 1 - r.
    p = Fraction(2, 3)
    found = list_exactly(make_one_by_one("efron_biased_coin", p=p), 200)

    tie = found.leads[200][0]
    assert abs(tie - Fraction(1, 2)) < Fraction(1, 10**6)


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("method", ["blocks", "simple", "random_allocation_rule", "block_urn"])
def test_every_arm_has_its_share_at_every_position(method, ratio):
    total = sum(ratio)
    design = {
        "blocks": blocks(total, 2 * total, ratio=ratio),
        "simple": make_one_by_one("simple", *ratio),
        "random_allocation_rule": make_one_by_one(
            "random_allocation_rule", *ratio, people=3 * total
        ),
        "block_urn": make_one_by_one("block_urn", *ratio, balanced_sets=1),
    }[method]

    assert largest_departure(design, 3 * total) is None
    assert set(list_exactly(design, 3 * total).arms) == {
        tuple(Fraction(share, total) for share in ratio)
    }


def test_coins_and_urns_of_equal_arms_have_no_departure():
    for design in [
        make_one_by_one("efron_biased_coin", p=P),
        make_one_by_one("chen_biased_coin", p=P, tolerance=2),
        make_one_by_one("big_stick", tolerance=2),
        make_one_by_one("wei_urn", 1, 1, 1, alpha=1, beta=1),
        make_one_by_one("block_urn", balanced_sets=3),
        make_one_by_one("maximal_procedure", people=12, tolerance=2),
    ]:
        assert largest_departure(design, 12) is None


def test_block_urn_with_an_unequal_ratio_departs_at_its_fifth_position():
    found = largest_departure(make_one_by_one("block_urn", 2, 1, balanced_sets=2), 5)

    assert (found.position, found.arm, found.chance, found.share) == (
        5,
        "A",
        Fraction(16, 25),
        Fraction(2, 3),
    )


def test_a_full_list_gives_no_arm():
    found = list_exactly(make_one_by_one("random_allocation_rule", people=2), 3)

    assert found.arms[2] == (0, 0)
    assert found.converged[2] == found.certain[2] == 0


def test_difference_of_unequal_arms_divides_by_their_share():
    assert lead((4, 2), (2, 1)) == 0
    assert (
        lead((4, 1), (2, 1)) == 2
    )  # one person too few of an arm with half the share of the other
    assert lead((2, 3, 1), (2, 2, 1)) == 1
    assert make_design().ratio_sum == 2


@pytest.mark.parametrize("ratio, size", [((1, 1), 8), ((2, 1), 6), ((3, 2), 5), ((2, 2, 1), 10)])
def test_sure_places_of_a_block_follow_from_its_last_arms(ratio, size):
    assert certain_in_block(ratio, size) == sum(
        list_exactly(blocks(size, ratio=ratio), size).certain
    )


def test_lists_of_many_arms_are_followed_less_far():
    assert positions_to_follow(make_one_by_one("simple"), 12) == 12
    assert positions_to_follow(make_one_by_one("random_allocation_rule", people=6), 12) == 6
    # Six arms have comb(p + 5, 5) counts after p people: 2,002 after 9 and 3,003 after 10.
    assert positions_to_follow(make_one_by_one("simple", *(1,) * 6), 12) == 9
