"""The rolling six design, held to its published decisions (PMC7221509 table 2, rolling 6)."""

from __future__ import annotations

import pytest

from randomiser.dose_finding import Act, recommend
from tests.unit.dose_finding.builders import make_design, make_state

SAME, HOLD, UP, DOWN, MTD = Act.STAY, Act.WAIT, Act.ESCALATE, Act.DE_ESCALATE, Act.MTD
PUBLISHED = [
    # row, people in all, evaluable, with a DLT, decision
    (1, range(6), [0], 0, SAME),
    (2, [6], [0], 0, HOLD),
    (3, range(1, 6), [1], 0, SAME),
    (4, [6], [1], 0, HOLD),
    (6, range(2, 6), [2], 0, SAME),
    (7, [6], [2], 0, HOLD),
    (9, [3], [3], 0, UP),
    (10, [4, 5], [3], 0, SAME),
    (11, [6], [3], 0, HOLD),
    (13, [4], [4], 0, UP),
    (14, [5], [4], 0, SAME),
    (15, [6], [4], 0, HOLD),
    (16, [5], [5], 0, UP),
    (17, [6], [5], 0, UP),
    (19, range(1, 6), range(1, 6), 1, SAME),
    (20, [6], [1, 2, 3], 1, HOLD),
    (21, [6], [4], 1, HOLD),
    (22, [6], [5], 1, HOLD),
    (25, [6], [6], 1, UP),
    (26, range(2, 7), range(2, 7), 2, DOWN),
    (30, range(3, 7), range(3, 7), 3, DOWN),
]
CASES = [
    (row, people, evaluable, dlts, decision)
    for row, every, judged, dlts, decision in PUBLISHED
    for people in every
    for evaluable in judged
    if evaluable <= people
]


@pytest.mark.parametrize("row, people, evaluable, dlts, decision", CASES)
def test_published_decisions(
    row: int, people: int, evaluable: int, dlts: int, decision: Act
) -> None:
    state = make_state(1, (3, 0), (evaluable, dlts, people - evaluable), (0, 0))

    assert recommend(make_design("rolling_six"), state).act is decision


def test_six_without_a_dlt_go_up() -> None:
    assert (
        recommend(make_design("rolling_six", how_many=2), make_state(0, (6, 0), (0, 0))).act is UP
    )


@pytest.mark.parametrize("people", [(5, 0), (5, 0, 1), (6, 1)])
def test_nothing_open_above_gives_the_dose(people: tuple[int, ...]) -> None:
    """Rows 16, 17 and 25 with their note: the dose, where no level above is left."""
    found = recommend(make_design("rolling_six"), make_state(1, (3, 0), people, (2, 2)))

    assert (found.act, found.level) == (MTD, 1)


def test_places_are_left_up_to_six() -> None:
    found = recommend(make_design("rolling_six"), make_state(0, (2, 1, 2), (0, 0), (0, 0)))

    assert (found.act, found.slots) == (SAME, 2)
