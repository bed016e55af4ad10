"""Operating characteristics of BOIN, vectorised over trials."""

from __future__ import annotations

from functools import cache
from itertools import combinations_with_replacement

import numpy as np

from randomiser.dose_finding import DoseDesign
from randomiser.dose_finding.boin import decision_table
from randomiser.simulation.dose_trials import (
    RUNNING,
    STOPPED,
    Characteristics,
    Real,
    Scenario,
    Trials,
    Whole,
    draw_outcomes,
)

NEVER = 10_000


@cache
def boundaries(design: DoseDesign) -> tuple[Whole, Whole, Whole]:
    """Return BOIN's limits by number evaluated: most DLTs to go up, fewest to go down, to close."""
    rows = decision_table(design, design.people or design.per_level)
    up, down = [-1, *(row[1] for row in rows)], [NEVER, *(row[2] for row in rows)]
    closed = [NEVER, *(NEVER if row[3] is None else row[3] for row in rows)]
    return np.array(up), np.array(down), np.array(closed)


def simulate_by_intervals(
    design: DoseDesign, scenario: Scenario, trials: int, seed: int
) -> Characteristics:
    """Simulate trials of BOIN in whole cohorts."""
    state, draw = Trials.fresh(design, trials), draw_outcomes(scenario, seed)
    up, down, closing = boundaries(design)
    left = design.people or design.per_level
    while len(running := np.flatnonzero(state.stands == RUNNING)):
        here = state.at_open(state.judged)[running]
        whole = np.minimum(design.cohort, design.per_level - here)
        people = np.minimum(whole, left - state.judged[running].sum(1))
        dlts, met = draw(state.current[running], people)
        state.treat(running, people, dlts, met)
        _decide(design, state, running, (up, down, closing))
    return state.summarise()


def _decide(
    design: DoseDesign, state: Trials, running: Whole, limits: tuple[Whole, Whole, Whole]
) -> None:
    up, down, closing = limits
    judged, dlts = state.judged[running], state.dlts[running]
    end = first_closed(judged, dlts, closing)
    here, level = state.current[running], np.arange(len(running))
    seen, hit = judged[level, here], dlts[level, here]
    over = (judged.sum(1) >= (design.people or NEVER)) | (seen >= design.per_level)
    step = np.where((hit <= up[seen]) & (here + 1 < end), 1, 0)
    step = np.where((hit >= down[seen]) & (here > 0), -1, step)
    following = np.where(here >= end, end - 1, here + step)
    stands = np.full(len(running), RUNNING)
    if over.any():
        stands[over] = select_levels(design, judged[over], dlts[over], end[over])
    stands[end == 0] = STOPPED
    state.stands[running] = stands
    state.current[running] = np.maximum(following, 0)


def first_closed(judged: Whole, dlts: Whole, closing: Whole) -> Whole:
    """Return the lowest closed level of every trial; one above the top when all are open."""
    is_closed = dlts >= closing[judged]
    return np.asarray(np.where(is_closed.any(1), is_closed.argmax(1), judged.shape[1]))


def select_levels(design: DoseDesign, judged: Whole, dlts: Whole, end: Whole) -> Whole:
    """Return the level that `boin.select` takes in every trial; STOPPED when there is none."""
    levels = np.arange(judged.shape[1])
    usable = (judged > 0) & (levels < end[:, None])
    rates = isotonic(judged, dlts, usable)
    target = float(design.rate)
    off = np.where(usable, np.abs(rates - target), np.inf)
    near = usable & (off <= off.min(1, keepdims=True) + 1e-12)
    below = near & (rates < target)
    highest = judged.shape[1] - 1 - below[:, ::-1].argmax(1)
    found = np.where(below.any(1), highest, near.argmax(1))
    return np.where(usable.any(1), found, STOPPED)


def isotonic(judged: Whole, dlts: Whole, usable: Whole | np.ndarray) -> Real:
    """Return non-decreasing rates of usable levels by the max-min formula; others weigh 0."""
    n, y = judged + 0.1, dlts + 0.05
    weights = np.where(usable, n * n * (n + 1) / (y * (n - y)), 0.0)
    sums = np.hstack([np.zeros((len(n), 1)), np.cumsum(weights, 1)])
    hits = np.hstack([np.zeros((len(n), 1)), np.cumsum(weights * (y / n), 1)])
    size = judged.shape[1]
    means = {}
    for start, last in combinations_with_replacement(range(size), 2):
        weight = sums[:, last + 1] - sums[:, start]
        total = hits[:, last + 1] - hits[:, start]
        means[start, last] = np.divide(total, weight, out=np.full(len(n), np.nan), where=weight > 0)
    rates = [
        np.fmax.reduce(
            [
                np.fmin.reduce([means[start, last] for last in range(level, size)])
                for start in range(level + 1)
            ]
        )
        for level in range(size)
    ]
    return np.column_stack(rates)
