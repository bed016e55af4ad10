"""BOIN held to published boundaries and tables, and to sums done another way."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import pytest

from randomiser.dose_finding import Act, DoseState, LevelState, recommend
from randomiser.dose_finding.boin import (
    boundaries,
    chance_too_toxic,
    decision_table,
    estimates,
    select,
)
from randomiser.dose_finding.isotonic import pool_falls
from tests.unit.dose_finding.builders import make_design, make_state


def test_published_boundaries_for_a_target_of_30_percent() -> None:
    """Liu and Yuan 2015: 0.236 and 0.358 (cut, not rounded, in the paper)."""
    up, down = boundaries(make_design("boin"))

    assert int(up * 1000) == 236
    assert int(down * 1000) == 358


@pytest.mark.parametrize("toxic, printed", [("0.145", 0.1213018), ("0.15", 0.1235528)])
def test_printed_boundaries_for_a_target_of_10_percent(toxic: str, printed: float) -> None:
    """As a public script prints what get.boundary of the R package BOIN answers."""
    interval = {"safe": Fraction("0.06"), "toxic": Fraction(toxic)}

    up, down = boundaries(make_design("boin", target=Fraction(1, 10), **interval))

    assert up == pytest.approx(0.07844898, abs=5e-9)
    assert down == pytest.approx(printed, abs=5e-8)


def test_published_table_for_a_target_of_30_percent() -> None:
    """Escalate, de-escalate and eliminate at 3, 6 … 30 people; the table of the BOIN tutorial."""
    rows = decision_table(make_design("boin"), 30)[2::3]

    assert [row[1] for row in rows] == [0, 1, 2, 2, 3, 4, 4, 5, 6, 7]
    assert [row[2] for row in rows] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert [row[3] for row in rows] == [3, 4, 5, 7, 8, 9, 10, 11, 12, 14]


def test_printed_table_for_a_target_of_10_percent() -> None:
    interval = {"safe": Fraction("0.06"), "toxic": Fraction("0.145")}
    design = make_design("boin", target=Fraction(1, 10), **interval)

    rows = decision_table(design, 12)[3::4]

    assert rows == [(4, 0, 1, 2), (8, 0, 1, 3), (12, 0, 2, 3)]


def integral_above(people: int, dlts: int, target: Fraction) -> Fraction:
    """The same chance by integrating the density, a polynomial, term by term."""
    free = people - dlts
    terms = [(comb(free, k) * (-1) ** k, dlts + k + 1) for k in range(free + 1)]
    below = sum(factor * target**power / power for factor, power in terms)
    whole = sum(Fraction(factor, power) for factor, power in terms)
    return 1 - Fraction(below) / whole


@pytest.mark.parametrize("target", [Fraction(1, 5), Fraction(3, 10)])
def test_chance_too_toxic_is_the_integral_of_the_density(target: Fraction) -> None:
    for people in range(13):
        for dlts in range(people + 1):
            expected = integral_above(people, dlts, target)

            assert chance_too_toxic(people, dlts, target) == expected


def max_min(rates: list[Fraction], weights: list[Fraction]) -> tuple[Fraction, ...]:
    """Isotonic regression by its closed form: the largest over starts of the smallest mean."""
    size = range(len(rates))

    def mean(start: int, end: int) -> Fraction:
        part = slice(start, end + 1)
        total = sum((r * w for r, w in zip(rates[part], weights[part], strict=True)), Fraction(0))
        return total / sum(weights[part])

    return tuple(max(min(mean(s, t) for t in size if t >= k) for s in size if s <= k) for k in size)


@pytest.mark.slow
def test_pooling_is_the_max_min_formula() -> None:
    steps = [Fraction(k, 4) for k in range(4)]
    for rates in product(steps, repeat=4):
        for weights in ([1, 1, 1, 1], [3, 1, 2, 5]):
            shares = [Fraction(weight) for weight in weights]

            assert pool_falls(rates, shares) == max_min(list(rates), shares)


def test_selection_of_the_manuals_example() -> None:
    """The example of select.mtd: n 3 3 15 9 0, y 0 0 4 4 0, target 0.30; estimates by hand.

    (y + 0.05)/(n + 0.1): 0.0161, 0.0161, 0.2682, 0.4451 rise already, so the third is nearest.
    """
    state = make_state(2, (3, 0), (3, 0), (15, 4), (9, 4), (0, 0))
    design = make_design("boin", how_many=5)

    rates = estimates(list(state.levels[:4]))

    assert rates == (
        Fraction(5, 310),
        Fraction(5, 310),
        Fraction(405, 1510),
        Fraction(405, 910),
    )
    assert select(design, state) == 2


def test_selection_of_equally_near_levels() -> None:
    """Pooled levels below the target: the highest of them; above it: the lowest."""
    design = make_design("boin", how_many=2)

    assert select(design, make_state(0, (6, 1), (6, 1))) == 1
    assert select(design, make_state(0, (6, 3), (6, 3))) == 0


def test_a_closed_level_is_never_selected() -> None:
    design = make_design("boin", how_many=3)

    assert select(design, make_state(0, (6, 0), (3, 3), (0, 0))) == 0
    assert select(design, make_state(0, (3, 3), (0, 0), (0, 0))) is None


@pytest.mark.parametrize(
    "people, act, level",
    [
        ((3, 0), Act.ESCALATE, 2),
        ((3, 1), Act.STAY, 1),
        ((3, 2), Act.DE_ESCALATE, 0),
        ((3, 3), Act.DE_ESCALATE, 0),
        ((6, 1), Act.ESCALATE, 2),
        ((6, 2), Act.STAY, 1),
        ((2, 0), Act.STAY, 1),
        ((2, 1), Act.STAY, 1),
        ((2, 2), Act.DE_ESCALATE, 0),
    ],
)
def test_decisions_at_the_middle_level(people: tuple[int, int], act: Act, level: int) -> None:
    found = recommend(make_design("boin"), make_state(1, (3, 0), people, (0, 0)))

    assert (found.act, found.level) == (act, level)


def test_a_closed_level_is_not_gone_up_to() -> None:
    found = recommend(make_design("boin"), make_state(1, (3, 0), (6, 0), (3, 3)))

    assert (found.act, found.level, found.closed) == (Act.STAY, 1, 2)


def test_the_lowest_level_too_toxic_stops() -> None:
    found = recommend(make_design("boin"), make_state(0, (3, 3), (0, 0), (0, 0)))

    assert found.act is Act.STOP


def test_the_last_person_judged_ends_the_part() -> None:
    design = make_design("boin", people=9)

    found = recommend(design, make_state(2, (3, 0), (3, 0), (3, 1)))

    assert (found.act, found.level) == (Act.MTD, 2)


def test_awaited_outcomes_that_cannot_matter_do_not_hold_the_trial() -> None:
    sure = DoseState(0, (LevelState(8, 0, 1), LevelState(), LevelState()))
    open_ = DoseState(0, (LevelState(5, 1, 1), LevelState(), LevelState()))

    assert recommend(make_design("boin"), sure).act is Act.ESCALATE
    assert recommend(make_design("boin"), open_).act is Act.WAIT
