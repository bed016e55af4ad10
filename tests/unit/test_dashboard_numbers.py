"""Plans of dated targets and quartiles of scores, by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from statistics import quantiles

import pytest

from capture.charts import Mark, Point
from capture.home.dashboard.scores import compute_quartiles, make_mark
from capture.home.dashboard.targets import RecruitmentTarget, TargetPlan, get_last_day

# 2026 has 364 days from 1 January to 31 December; 91 of them are a quarter.
START, END = date(2026, 1, 1), date(2026, 12, 31)
YEAR = TargetPlan((RecruitmentTarget(START, 100, END),))
AMENDED = TargetPlan(
    (RecruitmentTarget(START, 100, END), RecruitmentTarget(date(2026, 7, 2), 60, END))
)
LEVEL = TargetPlan(
    (RecruitmentTarget(START, 100, None), RecruitmentTarget(date(2026, 7, 2), 60, None))
)


def test_a_plan_is_a_straight_line_from_nobody_to_its_number() -> None:
    days = [date(2025, 12, 31), START, date(2026, 4, 2), END, date(2027, 6, 1)]

    assert [YEAR.on(day) for day in days] == [None, 0, 25, 100, 100]
    # 100 * 1 / 364 is 0.27; of 2 days 0.55.
    assert [YEAR.on(date(2026, 1, day)) for day in (2, 3)] == [0, 1]


def test_an_amended_plan_still_begins_with_nobody_on_the_first_day() -> None:
    # 2 July is 182 days on: half of 364.
    assert AMENDED.on(date(2026, 7, 1)) == 50  # 100 * 181 / 364 is 49.7
    assert AMENDED.on(date(2026, 7, 2)) == 30
    assert AMENDED.on(END) == 60


def test_an_aim_without_a_day_is_level() -> None:
    assert [LEVEL.on(day) for day in (START, date(2026, 7, 1), date(2026, 7, 2))] == [100, 100, 60]


def test_a_plan_is_drawn_with_its_corners_and_steps() -> None:
    assert YEAR.line(START, date(2027, 6, 1)) == [
        Point(START, 0),
        Point(END, 100),
        Point(date(2027, 6, 1), 100),
    ]
    assert AMENDED.line(date(2026, 4, 2), END) == [
        Point(date(2026, 4, 2), 25),
        Point(date(2026, 7, 1), 50),
        Point(date(2026, 7, 2), 30),
        Point(END, 60),
    ]
    assert YEAR.line(date(2025, 1, 1), date(2025, 12, 31)) == []


def test_a_drawing_goes_to_the_day_by_which_the_target_is_to_be_reached() -> None:
    assert get_last_day(YEAR, date(2026, 4, 2)) == END
    assert get_last_day(YEAR, date(2027, 4, 2)) == date(2027, 4, 2)
    assert get_last_day(LEVEL, date(2026, 4, 2)) == date(2026, 4, 2)
    assert get_last_day(None, date(2026, 4, 2)) == date(2026, 4, 2)


# Hyndman and Fan (1996), definition 7: place (n - 1) p from the smallest, counted from 0.
@pytest.mark.parametrize(
    "values, expected",
    [
        (["3"], ["3", "3", "3"]),
        (["1", "2"], ["1.25", "1.5", "1.75"]),
        (["1", "2", "3", "4"], ["1.75", "2.5", "3.25"]),
        (["1", "2", "3", "4", "5"], ["2", "3", "4"]),
        (["0.1", "0.2", "0.2", "0.4"], ["0.175", "0.2", "0.25"]),
        (["7", "7", "7"], ["7", "7", "7"]),
        (["-1.5", "10", "0.3"], ["-0.6", "0.3", "5.15"]),
    ],
)
def test_quartiles_are_exact(values: list[str], expected: list[str]) -> None:
    found = compute_quartiles(Counter(Fraction(value) for value in values))

    assert list(found) == [Fraction(one) for one in expected]


@pytest.mark.parametrize("number", [2, 3, 5, 8, 29, 200])
def test_quartiles_are_those_of_the_standard_library(number: int) -> None:
    # 37 has no factor in common with 101, so that these go about in no order, some of them twice.
    values = [Fraction(place * 37 % 101, 10) for place in range(number)]

    assert list(compute_quartiles(Counter(values))) == quantiles(values, n=4, method="inclusive")


def test_a_visit_without_a_score_has_no_median() -> None:
    assert make_mark(2, "Later", Counter()) == Mark(2, "Later", 0)
