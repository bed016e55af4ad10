"""Designs and states of dose finding, valid unless a test says otherwise."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from randomiser.dose_finding import (
    Above,
    Act,
    DecisionTable,
    DoseDesign,
    DoseState,
    LevelState,
    Row,
)
from randomiser.dose_finding.rolling_six import TABLE as ROLLING_SIX
from randomiser.dose_finding.three_plus_three import TABLE as THREE_PLUS_THREE

SKELETON = tuple(Fraction(text) for text in ("0.05", "0.12", "0.25", "0.40", "0.55"))
"""Of the worked example in Cheung 2011, page 21."""


def make_design(method: str, how_many: int = 3, **changed: Any) -> DoseDesign:
    own: dict[str, dict[str, Any]] = {
        "three_plus_three": {"cohort": 3, "per_level": 6, "table": THREE_PLUS_THREE},
        "rolling_six": {"cohort": 6, "per_level": 6, "table": ROLLING_SIX},
        "table": {"cohort": 3, "per_level": 6, "table": PARC, "second_condition": True},
        "boin": {"cohort": 3, "per_level": 30, "people": 30, "target": Fraction(3, 10)},
        "crm": {"cohort": 1, "per_level": 24, "people": 24, "target": Fraction(1, 4)},
        "tite_crm": {"cohort": 1, "per_level": 24, "people": 24, "target": Fraction(1, 4)},
    }
    if method in {"crm", "tite_crm"}:
        own[method]["skeleton"] = SKELETON[:how_many]
    names = tuple(str(number) for number in range(1, how_many + 1))
    return DoseDesign(**{"method": method, "levels": names, "start": 0, **own[method], **changed})


def make_state(current: int, *levels: tuple[int, ...]) -> DoseState:
    """Levels as (evaluable, DLTs, pending, met); what is left out is 0."""
    return DoseState(current, tuple(LevelState(*level) for level in levels))


PARC = DecisionTable(
    people=6,
    second_condition=True,
    otherwise=Act.COMMITTEE,
    rows=(
        Row((0, 2), (0, 1), Act.STAY),
        Row((2, 6), (2, 6), Act.DE_ESCALATE),
        Row((3, 3), (1, 1), Act.STAY),
        Row((3, 3), (0, 0), Act.STAY, met=(3, 3)),
        Row((3, 3), (0, 0), Act.ESCALATE, met=(0, 1), above=Above.OPEN),
        Row((4, 5), (0, 1), Act.STAY),
        Row((6, 6), (0, 1), Act.MTD, met=(5, 6)),
        Row((6, 6), (0, 1), Act.ESCALATE, met=(0, 4), above=Above.OPEN),
    ),
)
"""PARC's phase I: DLT and adequate arginine depletion together (thresholds are defaults of ours).

At least two DLTs go down; at most 1/6 with depletion in 5 of 6 is the dose; with depletion in fewer
goes up; 1/3, or 0/3 with depletion in all, makes six; 0/3 with at most one goes up. Two of three
depleted, and nowhere to go up to, are left to the committee.
"""
