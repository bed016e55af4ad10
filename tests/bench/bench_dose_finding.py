"""Operating characteristics of dose finding: CRM and BOIN over many trials, numpy on one core.

Reported, never asserted. The floor does in the same run what these trials cannot leave out: it
draws the people of every trial, one number each, and counts them by level; for the CRM it also
works out, after each person of each trial, the likelihood on a grid of as many points.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from randomiser.dose_finding import DoseDesign, DoseState, LevelState, recommend
from randomiser.dose_finding.three_plus_three import TABLE
from randomiser.simulation.dose_curves import POINTS
from randomiser.simulation.dose_finding import simulate
from randomiser.simulation.dose_trials import Scenario
from tests.bench.measuring import Spent, heading, median, report

TIMES = 5
TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)
LEVELS = tuple("12345")
SKELETON = tuple(Fraction(text) for text in ("0.05", "0.12", "0.25", "0.40", "0.55"))
CRM = DoseDesign(
    "crm", LEVELS, 0, 1, 24, people=24, target=Fraction(1, 4), skeleton=SKELETON
)  # fmt: skip
BOIN = DoseDesign("boin", LEVELS, 0, 3, 30, people=30, target=Fraction(3, 10))
THREE_PLUS_THREE = DoseDesign("three_plus_three", LEVELS, 0, 3, 6, table=TABLE)


def simulated(design: DoseDesign, trials: int) -> Spent:
    return median(lambda number: simulate(design, Scenario(TRUTH), trials, number + 9), TIMES)


def floor(trials: int, people: int, points: int = 0) -> Spent:
    """Draw every person of every trial and count by level; likelihoods on so many points."""
    chances = np.array(TRUTH)

    def draw(number: int) -> object:
        generator = np.random.default_rng(number + 9)
        level = generator.integers(0, len(TRUTH), (trials, people))
        hit = generator.random((trials, people)) < chances[level]
        for person in range(people if points else 0):
            counts = (level[:, : person + 1, None] == np.arange(len(TRUTH))).sum(1)
            np.exp(-counts.astype(float) @ generator.random((len(TRUTH), points)))
        return [((level == k).sum(1), (hit & (level == k)).sum(1)) for k in range(len(TRUTH))]

    return median(draw, TIMES)


def test_operating_characteristics() -> None:
    heading("operating characteristics, five levels, CPU of one core; floor: the draws alone")
    for what, design, trials, least, budget in (
        ("CRM, 1,000 trials of 24", CRM, 1_000, floor(1_000, 24, POINTS), "1,000 ms"),
        ("BOIN, 10,000 trials of 30", BOIN, 10_000, floor(10_000, 30), "500 ms"),
        ("3+3, 10,000 trials", THREE_PLUS_THREE, 10_000, floor(10_000, 30), ""),
    ):
        spent = simulated(design, trials)
        report(what, spent.cpu, least.cpu, budget=budget)


def test_one_live_recommendation() -> None:
    heading("one live recommendation, CPU")
    levels = (LevelState(3), LevelState(6, 1), LevelState(6, 2), LevelState(), LevelState())
    for design in (THREE_PLUS_THREE, BOIN, CRM):
        spent = median(lambda _number, d=design: recommend(d, DoseState(2, levels)), 50)
        report(design.method, spent.cpu)
