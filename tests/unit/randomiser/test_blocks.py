"""The live path, run over every possible draw, has exactly the distribution of permuted blocks."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import permutations

import pytest

from randomiser import Arm, Event, ReplayDiffers, UnknownLevel, allocate, make_draw
from tests.unit.randomiser import by_hand
from tests.unit.randomiser.builders import make_design
from tests.unit.randomiser.every_draw import Script, correct_guesses, distribution

ONE_TO_ONE = (Arm("A", 1), Arm("B", 1))
TWO_TO_ONE = (Arm("A", 2), Arm("B", 1))
DESIGNS = [
    (ONE_TO_ONE, (2,), (1,), 6),
    (ONE_TO_ONE, (4,), (1,), 4),
    (ONE_TO_ONE, (2, 4), (1, 1), 4),
    (ONE_TO_ONE, (2, 4), (3, 1), 4),
    (TWO_TO_ONE, (3,), (1,), 6),
    pytest.param(TWO_TO_ONE, (3, 6), (1, 1), 4, marks=pytest.mark.slow),
    ((Arm("A", 1), Arm("B", 1), Arm("C", 1)), (3,), (1,), 6),
]


def chance(arms, sizes, weights, sequence):
    """Work out the probability of a sequence from the definition: equally likely permutations."""
    if not sequence:
        return Fraction(1)
    total = Fraction(0)
    for size, weight in zip(sizes, weights, strict=True):
        times = size // sum(arm.ratio for arm in arms)
        block = "".join(arm.name * (arm.ratio * times) for arm in arms)
        begin, rest = sequence[:size], sequence[size:]
        share = order_share(block, begin) * Fraction(weight, sum(weights))
        total += share * chance(arms, sizes, weights, rest)
    return total


@cache
def order_share(block, begin):
    """Which part of the orders of a block begins so."""
    orders = Counter("".join(order)[: len(begin)] for order in permutations(block))
    return Fraction(orders[begin], orders.total())


def small(arms, sizes, weights):
    return make_design(arms=arms, sizes=sizes, weights=weights, factors=())


@pytest.mark.parametrize("arms, sizes, weights, people", DESIGNS)
def test_every_sequence_has_its_exact_probability(arms, sizes, weights, people):
    found = distribution(small(arms, sizes, weights), people)

    assert sum(found.values()) == 1
    assert found == {seq: chance(arms, sizes, weights, seq) for seq in found}


@pytest.mark.parametrize("arms, sizes, weights, people", DESIGNS)
def test_each_arm_has_its_share_at_every_position(arms, sizes, weights, people):
    found = distribution(small(arms, sizes, weights), people)
    ratio_sum = sum(arm.ratio for arm in arms)

    for position in range(people):
        for arm in arms:
            share = sum(p for seq, p in found.items() if seq[position] == arm.name)
            assert share == Fraction(arm.ratio, ratio_sum)


@pytest.mark.slow
@pytest.mark.parametrize(
    "size, rate", [(2, Fraction(3, 4)), (4, Fraction(17, 24)), (6, Fraction(41, 60))]
)
def test_guess_rate_of_a_block_is_the_closed_form(size, rate):
    # E correct = m + (4^m / C(2m, m) - 1) / 2 in a block of 2m, Blackwell and Hodges 1957.
    found = distribution(small(ONE_TO_ONE, (size,), (1,)), size)

    assert sum(p * correct_guesses(seq) for seq, p in found.items()) / size == rate


def test_the_worked_example_is_allocated_as_computed_by_hand():
    design, levels = make_design(), {"tumour_site": "gastric", "country": "GB"}
    history: list[Event] = []
    for _ in range(16):
        done = allocate(design, history, levels, make_draw(by_hand.LIST_KEY))
        history.append(Event(list_name=by_hand.LIST, list_position=len(history) + 1, arm=done.arm))

    blocks = [by_hand.block_1_to_1(by_hand.LIST_KEY, by_hand.LIST, start) for start in (1, 7, 13)]
    assert "".join(str(event.arm) for event in history) == "".join(arms for _, arms in blocks)
    assert done.trace.integers == tuple(blocks[2][0])
    assert (done.trace.start, done.trace.size, done.trace.place) == (13, 4, 4)
    assert (done.list_name, done.list_position) == (by_hand.LIST, 16)


def test_weights_decide_the_size_in_the_order_of_the_sizes():
    design = small(ONE_TO_ONE, (2, 4), (3, 1))

    sizes = [allocate(design, [], {}, Script((u, 0, 0, 0))).trace.size for u in range(4)]

    assert sizes == [2, 2, 2, 4]


def past(position, arm, number=None):
    return Event(list_name=by_hand.LIST, list_position=position, arm=arm, number=number)


@pytest.mark.parametrize(
    "history, words",
    [
        ([past(1, "B", 41)], "number 41 does not have the arm"),
        ([past(2, "B", 41)], "number 41 is out of order"),
        ([past(1, "A"), past(3, "B")], "out of order in its list"),
        ([past(1, "A"), past(1, "A", 5)], "number 5 is out of order"),
        ([past(None, "A")], "an earlier event is out of order"),
    ],
)
def test_nothing_is_drawn_after_a_changed_past(history, words):
    with pytest.raises(ReplayDiffers, match=words) as caught:
        allocate(
            make_design(),
            history,
            {"tumour_site": "gastric", "country": "GB"},
            make_draw(by_hand.LIST_KEY),
        )

    assert "position" not in str(caught.value)


def test_a_position_set_aside_is_passed_over_and_the_blocks_do_not_shift():
    levels = {"tumour_site": "gastric", "country": "GB"}
    done = allocate(
        make_design(), [past(1, None), past(2, "B")], levels, make_draw(by_hand.LIST_KEY)
    )

    assert (done.list_position, done.arm) == (3, "B")


def test_other_lists_do_not_matter():
    levels = {"tumour_site": "gastric", "country": "GB"}
    other = [Event(list_name="other", list_position=9, arm="Z")]

    draw = make_draw(by_hand.LIST_KEY)
    assert allocate(make_design(), other, levels, draw) == allocate(make_design(), [], levels, draw)


def test_an_unknown_level_is_refused_before_anything_is_drawn():
    with pytest.raises(UnknownLevel, match="tumour_site"):
        allocate(make_design(), [], {"tumour_site": "?", "country": "GB"}, Script(()))
