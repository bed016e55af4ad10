"""Places, days between people, what a committee may decide, and states that cannot be."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from randomiser.dose_finding import (
    Choice,
    DoseDesign,
    DoseDesignProblem,
    LevelState,
    StateProblem,
    earliest_day,
    free_places,
    highest_allowed,
    recommend,
    why_bolder,
)
from tests.unit.dose_finding.builders import make_design, make_state


@pytest.mark.parametrize(
    "people, free", [((0, 0, 0), 3), ((0, 0, 2), 1), ((3, 1, 0), 3), ((4, 1, 1), 1), ((6, 1, 0), 0)]
)
def test_places_count_judged_and_awaited(people: tuple[int, int, int], free: int) -> None:
    state = make_state(0, people, (0, 0), (0, 0))

    assert free_places(make_design("three_plus_three"), state, 0) == free


def test_a_replaced_person_gives_the_place_back() -> None:
    state = make_state(0, (2, 0, 0, 0, 1), (0, 0), (0, 0))

    assert recommend(make_design("three_plus_three"), state).slots == 1


def test_the_most_people_in_all_bound_the_places() -> None:
    design = make_design("boin", people=8, per_level=8, cohort=3)

    assert free_places(design, make_state(1, (6, 1), (1, 0), (0, 0)), 1) == 1


def test_the_second_of_a_cohort_waits_so_many_days() -> None:
    first = date(2026, 3, 1)

    assert earliest_day([first], 14) == date(2026, 3, 15)
    assert earliest_day([first, date(2026, 3, 15)], 14) is None
    assert earliest_day([], 14) is None
    assert earliest_day([first], 0) is None


STATES = {
    "up": make_state(1, (3, 0), (3, 0), (0, 0)),
    "wait": make_state(1, (3, 0), (2, 0, 1), (0, 0)),
    "stop": make_state(0, (3, 2), (0, 0), (0, 0)),
    "dose": make_state(1, (6, 0), (6, 1), (3, 2)),
}


@pytest.mark.parametrize(
    "state, choice, level, bolder",
    [
        ("up", Choice.OPEN, 2, False),
        ("up", Choice.OPEN, 1, False),
        ("up", Choice.OPEN, 0, False),
        ("up", Choice.WAIT, None, False),
        ("up", Choice.STOP, None, False),
        ("up", Choice.MTD, 1, True),
        ("up", Choice.OPEN, None, True),
        ("up", Choice.OPEN, 3, True),
        ("wait", Choice.OPEN, 1, True),
        ("wait", Choice.OPEN, 0, False),
        ("stop", Choice.OPEN, 0, True),
        ("stop", Choice.STOP, None, False),
        ("dose", Choice.MTD, 1, False),
        ("dose", Choice.MTD, 0, False),
        ("dose", Choice.MTD, 2, True),
        ("dose", Choice.OPEN, 1, False),
    ],
)
def test_a_committee_is_as_bold_as_the_recommendation_at_most(
    state: str, choice: Choice, level: int | None, bolder: bool
) -> None:
    design = make_design("three_plus_three")
    answer = recommend(design, STATES[state])

    words = why_bolder(design, STATES[state], answer, choice, level)

    assert (words is not None) is bolder


def test_where_the_committee_decides_it_may_go_up_one_level_but_never_to_a_closed_one() -> None:
    design = make_design("table", how_many=4)
    undecided = make_state(1, (3, 0, 0, 0), (3, 0, 0, 2), (0,), (0,))
    closed = make_state(1, (3, 0, 0, 0), (3, 0, 0, 2), (3, 2), (0,))

    for state, top in ((undecided, 2), (closed, 1)):
        assert highest_allowed(design, state, recommend(design, state)) == top


@pytest.mark.parametrize(
    "counts",
    [{"dlts": 1}, {"evaluable": 2, "met": 3}, {"pending": -1}, {"followed": (Fraction(1, 2),)}],
)
def test_counts_that_no_people_can_have_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(StateProblem):
        LevelState(**counts)


def test_a_state_of_another_design_is_refused() -> None:
    with pytest.raises(StateProblem, match="3 levels, the counts are given for 2"):
        recommend(make_design("three_plus_three"), make_state(0, (0, 0), (0, 0)))


@pytest.mark.parametrize(
    "method, changed, words",
    [
        ("three_plus_three", {"levels": ("1",)}, "2 to 20 levels"),
        ("three_plus_three", {"levels": ("1", "1")}, "same name"),
        ("three_plus_three", {"start": 5}, "opens first"),
        ("three_plus_three", {"cohort": 4}, "multiple of the cohort"),
        ("three_plus_three", {"table": None}, "needs its decision table"),
        ("boin", {"cohort": 25}, "cohort must be at most 24"),
        ("boin", {"target": None}, "target must be a DLT rate"),
        ("boin", {"safe": Fraction(1, 2)}, "safe < target < toxic"),
        ("boin", {"people": None}, "the most participants in all, to end the part"),
        ("boin", {"second_condition": True}, "use the method table"),
        ("crm", {"skeleton": (Fraction(1, 4),) * 3}, "skeleton must increase"),
        ("crm", {"skeleton": (Fraction(1, 4),)}, "one DLT rate for each level"),
        ("crm", {"model": "probit"}, "model is probit"),
        ("crm", {"prior_variance": Fraction(0)}, "above 0"),
    ],
)
def test_an_impossible_design_is_refused_with_the_reason(
    method: str, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(DoseDesignProblem, match=words):
        make_design(method, **changed)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(DoseDesignProblem, match="method is four_plus_four; choose three_plus"):
        DoseDesign("four_plus_four", ("1", "2"), 0, 4, 8)
