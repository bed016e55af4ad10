"""Decision tables: what keeps one from being followed, and PARC's with two conditions."""

from __future__ import annotations

from itertools import product

import pytest

from randomiser.dose_finding import (
    Above,
    Act,
    Cell,
    DecisionTable,
    DoseDesignProblem,
    Row,
    recommend,
    table_problems,
)
from randomiser.dose_finding.rolling_six import TABLE as ROLLING_SIX
from randomiser.dose_finding.three_plus_three import TABLE as THREE_PLUS_THREE
from tests.unit.dose_finding.builders import PARC, make_design, make_state


@pytest.mark.parametrize("table", [THREE_PLUS_THREE, ROLLING_SIX])
def test_every_cell_of_the_tables_we_ship_has_exactly_one_decision(table: DecisionTable) -> None:
    for evaluable in range(7):
        for dlts, above in product(range(evaluable + 1), Above):
            cell = Cell(evaluable, dlts, 0, above)

            assert len({row.then for row in table.rows if row.covers(cell)}) == 1


def test_a_table_with_a_hole_is_refused_naming_the_state() -> None:
    holed = DecisionTable(6, tuple(row for row in THREE_PLUS_THREE.rows if row.dlts != (1, 1)))

    [found] = table_problems(holed)

    assert found.words.startswith("the table has no decision for 3 evaluable, 1 with a DLT, ")
    assert "(and 1 more)" in found.words


def test_a_hole_left_to_the_committee_is_no_problem() -> None:
    rows = tuple(row for row in THREE_PLUS_THREE.rows if row.dlts != (1, 1))
    table = DecisionTable(6, rows, otherwise=Act.COMMITTEE)

    found = recommend(
        make_design("three_plus_three", table=table), make_state(0, (3, 1), (0, 0), (0, 0))
    )

    assert not list(table_problems(table))
    assert (found.act, found.level) == (Act.COMMITTEE, None)


@pytest.mark.parametrize(
    "row, words",
    [
        (
            Row((3, 3), (1, 1), Act.ESCALATE, above=Above.OPEN),
            "stay in row 5 and escalate here for 3 evaluable, 1 with",
        ),
        (Row((6, 6), (0, 0), Act.ESCALATE, above=Above.SHUT), "mtd in row 8 and escalate here"),
        (Row((7, 9), (0, 0), Act.STAY), "covers no possible state"),
        (Row((3, 3), (0, 0), Act.STAY, met=(1, 1)), "second condition, which the part does not"),
        (Row((3, 3), (0, 0), Act.WAIT), "a row cannot be wait"),
    ],
)
def test_a_row_that_cannot_be_followed_is_named(row: Row, words: str) -> None:
    table = DecisionTable(6, (*THREE_PLUS_THREE.rows, row))

    assert any(words in problem.words and problem.row == 8 for problem in table_problems(table))


@pytest.mark.parametrize(
    "rows, words",
    [
        ([Row((0, 3), (0, 3), Act.ESCALATE)], "nowhere to escalate to with 0 evaluable"),
        ([Row((0, 3), (0, 3), Act.STAY)], "a level takes 3 participants"),
        ([Row((0, 3), (0, 3), Act.MTD)], "decides before any participant is evaluated"),
        (
            [Row((0, 3), (0, 0), Act.DE_ESCALATE), Row((0, 3), (1, 3), Act.STOP)],
            None,
        ),
        (
            [Row((0, 3), (0, 0), Act.STOP), Row((0, 3), (1, 3), Act.DE_ESCALATE)],
            "for 1 evaluable, 1 with a DLT, the level above open (and 5 more), yet with one",
        ),
    ],
)
def test_what_a_table_may_not_say(rows: list[Row], words: str | None) -> None:
    found = list(table_problems(DecisionTable(3, tuple(rows))))

    assert found == [] if words is None else any(words in problem.words for problem in found)


@pytest.mark.parametrize(
    "people, act",
    [
        ((3, 0, 0, 3), Act.STAY),
        ((3, 0, 0, 1), Act.ESCALATE),
        ((3, 0, 0, 2), Act.COMMITTEE),
        ((3, 1, 0, 0), Act.STAY),
        ((6, 1, 0, 5), Act.MTD),
        ((6, 1, 0, 4), Act.ESCALATE),
        ((5, 0, 1, 5), Act.MTD),
        ((5, 0, 1, 4), Act.WAIT),
        ((5, 0, 1, 3), Act.ESCALATE),
        ((2, 0, 1, 2), Act.WAIT),
    ],
)
def test_parc_judges_toxicity_and_depletion_together(people: tuple[int, ...], act: Act) -> None:
    found = recommend(make_design("table"), make_state(1, (3, 0, 0, 0), people, (0,)))

    assert found.act is act


@pytest.mark.parametrize("people", [(2, 2, 0, 0), (3, 2, 0, 3), (6, 2, 0, 6)])
@pytest.mark.parametrize(
    "below, act",
    [
        ((0, 0), Act.DE_ESCALATE),
        ((3, 0, 0, 3), Act.DE_ESCALATE),
        ((6, 1, 0, 5), Act.MTD),
        ((6, 1, 0, 4), Act.COMMITTEE),
        ((3, 0, 0, 1), Act.COMMITTEE),
    ],
)
def test_parc_goes_down_from_toxicity_whatever_the_depletion(
    people: tuple[int, ...], below: tuple[int, ...], act: Act
) -> None:
    assert recommend(make_design("table"), make_state(1, below, people, (0,))).act is act


def test_parc_at_the_top_without_depletion_is_the_committees() -> None:
    found = recommend(make_design("table"), make_state(2, (3, 0), (3, 0), (6, 0, 0, 2)))

    assert found.act is Act.COMMITTEE


def test_parc_table_has_no_problem() -> None:
    assert not list(table_problems(PARC))


def test_more_people_than_the_table_knows_are_the_committees() -> None:
    state = make_state(0, (7, 0), (0, 0), (0, 0))

    assert recommend(make_design("three_plus_three"), state).act is Act.COMMITTEE


def test_a_design_with_a_bad_table_cannot_be_made() -> None:
    """Of 2 x (1 + 2 + … + 7) states the row decides 2 x (1 + 2 + 2)."""
    with pytest.raises(DoseDesignProblem, match=r"2 evaluable, 2 with .*and 45 more"):
        make_design("three_plus_three", table=DecisionTable(6, (Row((0, 2), (0, 1), Act.STAY),)))
