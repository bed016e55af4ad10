"""The 3+3 design over every state, held to the published rule as retold here by hand."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from randomiser.dose_finding import Act, recommend
from tests.unit.dose_finding.builders import make_design, make_state
from tests.unit.dose_finding.every_trial import exact_ends

TOP, MIDDLE, LOWEST = 2, 1, 0


@pytest.mark.parametrize(
    "evaluable, dlts, act, level",
    [
        (0, 0, Act.STAY, MIDDLE),
        (1, 0, Act.STAY, MIDDLE),
        (1, 1, Act.STAY, MIDDLE),
        (2, 0, Act.STAY, MIDDLE),
        (2, 1, Act.STAY, MIDDLE),
        (2, 2, Act.DE_ESCALATE, LOWEST),
        (3, 0, Act.ESCALATE, TOP),
        (3, 1, Act.STAY, MIDDLE),
        (3, 2, Act.DE_ESCALATE, LOWEST),
        (3, 3, Act.DE_ESCALATE, LOWEST),
        (4, 0, Act.STAY, MIDDLE),
        (4, 1, Act.STAY, MIDDLE),
        (5, 1, Act.STAY, MIDDLE),
        (6, 0, Act.ESCALATE, TOP),
        (6, 1, Act.ESCALATE, TOP),
        (6, 2, Act.DE_ESCALATE, LOWEST),
    ],
)
def test_middle_level_of_three(evaluable: int, dlts: int, act: Act, level: int) -> None:
    state = make_state(MIDDLE, (3, 0), (evaluable, dlts), (0, 0))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.level) == (act, level)


@pytest.mark.parametrize("current, closed", [(TOP, ()), (MIDDLE, (TOP,))])
@pytest.mark.parametrize(
    "people, act", [((3, 0), Act.STAY), ((3, 1), Act.STAY), ((6, 0), Act.MTD), ((6, 1), Act.MTD)]
)
def test_nothing_open_above(
    current: int, closed: tuple[int, ...], people: tuple[int, int], act: Act
) -> None:
    levels = [(6, 1), (6, 1), (0, 0)]
    levels[current] = people
    for index in closed:
        levels[index] = (3, 2)

    found = recommend(make_design("three_plus_three"), make_state(current, *levels))

    assert (found.act, found.level) == (act, current)


@pytest.mark.parametrize(
    "below, act, level, slots",
    [
        ((3, 0), Act.DE_ESCALATE, LOWEST, 3),
        ((3, 1), Act.DE_ESCALATE, LOWEST, 3),
        ((6, 0), Act.MTD, LOWEST, 0),
        ((6, 1), Act.MTD, LOWEST, 0),
        ((6, 2), Act.STOP, None, 0),
        ((0, 0), Act.DE_ESCALATE, LOWEST, 3),
    ],
)
def test_toxic_level_goes_to_the_one_below(
    below: tuple[int, int], act: Act, level: int | None, slots: int
) -> None:
    state = make_state(MIDDLE, below, (3, 2), (0, 0))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.level, found.slots) == (act, level, slots)


def test_lowest_level_too_toxic_stops() -> None:
    found = recommend(make_design("three_plus_three"), make_state(LOWEST, (2, 2), (0, 0), (0, 0)))

    assert (found.act, found.level, found.closed) == (Act.STOP, None, LOWEST)


def test_late_dlt_below_closes_what_lies_above() -> None:
    state = make_state(TOP, (6, 0), (3, 2), (3, 0))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.level, found.closed) == (Act.MTD, LOWEST, MIDDLE)


def test_late_dlt_that_takes_back_an_escalation_goes_back() -> None:
    state = make_state(TOP, (3, 0), (3, 1), (0, 0))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.level, found.slots) == (Act.DE_ESCALATE, MIDDLE, 3)


def test_from_a_closed_level_an_escalation_taken_back_further_down_counts() -> None:
    state = make_state(TOP, (3, 1), (3, 0), (3, 2))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.level, found.closed) == (Act.DE_ESCALATE, LOWEST, TOP)


@pytest.mark.parametrize(
    "people, act, slots",
    [
        ((0, 0, 1), Act.STAY, 2),
        ((0, 0, 3), Act.WAIT, 0),
        ((2, 0, 1), Act.WAIT, 0),
        ((1, 1, 1), Act.STAY, 1),
        ((2, 2, 1), Act.DE_ESCALATE, 3),
        ((3, 1, 1), Act.STAY, 2),
        ((5, 1, 1), Act.WAIT, 0),
        ((5, 0, 1), Act.ESCALATE, 3),
        ((4, 0, 2), Act.WAIT, 0),
    ],
)
def test_awaited_outcomes(people: tuple[int, int, int], act: Act, slots: int) -> None:
    state = make_state(MIDDLE, (3, 0), people, (0, 0))

    found = recommend(make_design("three_plus_three"), state)

    assert (found.act, found.slots) == (act, slots)


def test_every_state_has_an_answer_that_is_one_level_away_at_most() -> None:
    design = make_design("three_plus_three")
    counts = [(n, d) for n in range(7) for d in range(n + 1)]
    for below, here in product(counts, repeat=2):
        found = recommend(design, make_state(MIDDLE, below, here, (0, 0)))

        assert found.level is None or abs(found.level - MIDDLE) <= 1
        assert found.level is None or found.closed is None or found.level < found.closed
        assert found.act is not Act.COMMITTEE


def test_exact_distribution_of_two_levels_is_the_closed_form() -> None:
    """With a = chance to go up from a level, b = chance that at most one of six has a DLT.

    Going up: none of three, or one of three and none of the next three. Level 2 at the top is the
    dose when at most one of six has a DLT; else level 1, once it has six with at most one: it had
    six, or three more are added to none of three.
    """
    low, high = Fraction(1, 10), Fraction(3, 10)

    found = exact_ends(make_design("three_plus_three", how_many=2), (low, high))

    none_of_three, one_then_none = (1 - low) ** 3, 3 * low * (1 - low) ** 5
    at_most_one_more = (1 - low) ** 3 + 3 * low * (1 - low) ** 2
    top = (1 - high) ** 6 + 6 * high * (1 - high) ** 5
    choose_low = (1 - top) * (none_of_three * at_most_one_more + one_then_none)
    assert found[1] == (none_of_three + one_then_none) * top
    assert found[0] == choose_low
    assert found[None] == 1 - found[0] - found[1]
