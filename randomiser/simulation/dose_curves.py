"""Operating characteristics of CRM and TITE-CRM, vectorised over trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from randomiser.dose_finding import DoseDesign
from randomiser.dose_finding.crm import TOLERANCE
from randomiser.dose_finding.curve import WIDTH
from randomiser.simulation.dose_intervals import NEVER, boundaries
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

SPREAD, POINTS, HALVINGS = 6.5, 261, 45
"""The live engine's step over fewer prior standard deviations; beyond them lies under 1e-9."""
Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Curve:
    """The curve of a design on a grid of its parameter.

    rates: DLT rate by point and level. hit, free: logarithm of the chance of a DLT and of none.
    prior: logarithm of the prior at each point.
    """

    design: DoseDesign
    points: Real
    rates: Real
    hit: Real
    free: Real
    prior: Real

    @classmethod
    def of(cls, design: DoseDesign) -> Curve:
        """Return the curve of the design in equal steps around the mean of the prior."""
        deviation = float(design.prior_variance) ** 0.5
        points = np.linspace(-SPREAD * deviation, SPREAD * deviation, POINTS)
        rates = rates_at(design, points)
        with np.errstate(divide="ignore"):
            hit, free = np.log(rates), np.log1p(-rates)
        lowest = -1e300
        floored = (np.maximum(hit, lowest), np.maximum(free, lowest))
        return cls(design, points, rates, *floored, -((points / deviation) ** 2) / 2)

    def likelihood(self, judged: Whole, dlts: Whole) -> Real:
        """Return the log likelihood of the evaluated participants, by trial and point."""
        hit, free = dlts.astype(float), (judged - dlts).astype(float)
        return np.asarray(hit @ self.hit.T + free @ self.free.T)

    def means(self, weight: Real) -> Real:
        """Return the posterior means from the log likelihoods by trial and point."""
        logs = weight + self.prior
        logs -= logs.max(1, keepdims=True)
        np.exp(logs, out=logs)
        return np.asarray((logs @ self.points) / logs.sum(1))


def rates_at(design: DoseDesign, parameters: Real) -> Real:
    """Return the DLT rate of every level for each parameter."""
    guesses = np.array([float(guess) for guess in design.skeleton])
    steep = np.exp(parameters)[:, None]
    if design.model == "empiric":
        return np.asarray(np.exp(steep * np.log(guesses)))
    a = float(design.intercept)
    places = np.log(guesses / (1 - guesses)) - a
    return np.asarray(1 / (1 + np.exp(np.minimum(-(a + steep * places), 700.0))))


def simulate_by_curve(
    design: DoseDesign, scenario: Scenario, trials: int, seed: int
) -> Characteristics:
    """Simulate trials of the CRM in whole cohorts."""
    state, draw, curve = (
        Trials.fresh(design, trials),
        draw_outcomes(scenario, seed),
        Curve.of(design),
    )
    closing = boundaries(design)[2]
    left = design.people or design.per_level
    while len(running := np.flatnonzero(state.stands == RUNNING)):
        here = state.at_open(state.judged)[running]
        whole = np.minimum(design.cohort, design.per_level - here)
        people = np.minimum(whole, left - state.judged[running].sum(1))
        dlts, met = draw(state.current[running], people)
        state.treat(running, people, dlts, met)
        judged, seen = state.judged[running], state.dlts[running]
        rates, known = fit_curves(curve, judged, seen)
        _follow(design, state, running, (rates, known), seen[:, 0] >= closing[judged[:, 0]])
    return state.summarise()


def fit_curves(curve: Curve, judged: Whole, dlts: Whole) -> tuple[Real, Truth]:
    """Return the rates of every trial by its curve, and whether it has a curve."""
    if curve.design.estimate == "bayes":
        rates = rates_at(curve.design, curve.means(curve.likelihood(judged, dlts)))
        return rates, np.ones(len(judged), bool)
    in_all = dlts.sum(1)
    known = (in_all > 0) & (in_all < judged.sum(1))
    return rates_at(curve.design, _tops(curve.design, judged, dlts)), known


def _tops(design: DoseDesign, judged: Whole, dlts: Whole) -> Real:
    """Return the maximum of each trial's likelihood, found by bisection of its slope."""
    low, high = np.full(len(judged), -WIDTH), np.full(len(judged), WIDTH)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        falls = _slope(design, middle, judged, dlts) < 0
        low, high = np.where(falls, low, middle), np.where(falls, middle, high)
    return np.asarray((low + high) / 2)


def _slope(design: DoseDesign, parameters: Real, judged: Whole, dlts: Whole) -> Real:
    """Return the slope of the log likelihood without the factor exp(parameter)."""
    rates = rates_at(design, parameters)
    guesses = np.array([float(guess) for guess in design.skeleton])
    if design.model == "empiric":
        odds = rates / np.maximum(1 - rates, 1e-300)
        return np.asarray((dlts - (judged - dlts) * odds) @ np.log(guesses))
    places = np.log(guesses / (1 - guesses)) - float(design.intercept)
    return np.asarray((dlts - judged * rates) @ places)


def _follow(
    design: DoseDesign, state: Trials, running: Whole, fit: tuple[Real, Truth], is_stopped: Truth
) -> None:
    judged, row = state.judged[running], np.arange(len(running))
    at_open = judged[row, state.current[running]]
    over = (judged.sum(1) >= (design.people or NEVER)) | (at_open >= design.per_level)
    stands = np.full(len(running), RUNNING)
    stands[over] = _nearest_to_target(design, state, running, fit, highest(judged))[over]
    stands[is_stopped] = STOPPED
    state.current[running] = _next(design, state, running, fit)
    state.stands[running] = stands


def highest(people: Whole) -> Whole:
    """Return the highest level with participants in every trial."""
    return np.asarray(people.shape[1] - 1 - (people[:, ::-1] > 0).argmax(1))


def _next(design: DoseDesign, state: Trials, running: Whole, fit: tuple[Real, Truth]) -> Whole:
    """Return the level to open, as far as `no_skip` and `coherent` allow."""
    here, row = state.current[running], np.arange(len(running))
    top = np.full(len(running), state.judged.shape[1] - 1)
    following = _nearest_to_target(design, state, running, fit, top)
    if design.no_skip:
        following = np.minimum(following, here + 1)
    if design.coherent:
        dlts, judged = state.dlts[running][row, here], state.judged[running][row, here]
        above = dlts > float(design.rate) * judged
        following = np.where(above, np.minimum(following, here), following)
    return following


def _nearest_to_target(
    design: DoseDesign, state: Trials, running: Whole, fit: tuple[Real, Truth], top: Whole
) -> Whole:
    """Return the level nearest to the target, at most `top`; without a curve, a step by DLTs."""
    rates, known = fit
    levels = np.arange(rates.shape[1])
    off = np.where(levels <= top[:, None], np.abs(rates - float(design.rate)), np.inf)
    nearest = (off <= off.min(1, keepdims=True) + TOLERANCE).argmax(1)
    up = np.where(state.dlts[running].sum(1) > 0, -1, 1)
    return np.where(known, nearest, np.clip(state.current[running] + up, 0, top))


class Course:
    """Day of registration, level and day of DLT, by trial and participant."""

    def __init__(self, trials: int, people: int, window: float) -> None:
        self.level = np.zeros((trials, people), np.int64)
        self.came = np.full((trials, people), np.inf)
        self.due = np.full((trials, people), np.inf)
        self.window = window

    def update_known(self, state: Trials, now: float) -> None:
        """Update the trials with the outcomes known at a time in days."""
        hit = np.isfinite(self.due) & (self.due <= now)
        judged = hit | (np.isfinite(self.came) & (self.came + self.window <= now))
        for level in range(state.judged.shape[1]):
            here = self.level == level
            state.judged[:, level] = (here & judged).sum(1)
            state.dlts[:, level] = (here & hit).sum(1)

    def pending(self, curve: Curve, now: float) -> Real:
        """Return what participants without an outcome add to the log likelihood."""
        total = np.zeros((len(self.level), len(curve.points)))
        for person in np.flatnonzero(np.isfinite(self.came).any(0)):
            passed = (now - self.came[:, person]) / self.window
            waits = (self.due[:, person] > now) & (passed >= 0) & (passed < 1)
            share = np.where(waits, passed, 0.0)[:, None]
            total += np.log1p(-share * curve.rates.T[self.level[:, person]])
        return total

    def count_treated(self, levels: int) -> Whole:
        """Return the number of participants treated, by trial and level."""
        there = np.isfinite(self.came)
        return np.column_stack([(there & (self.level == k)).sum(1) for k in range(levels)])


def simulate_by_follow_up(
    design: DoseDesign, scenario: Scenario, trials: int, seed: int
) -> Characteristics:
    """Simulate trials of the TITE-CRM: a participant arrives every few days and none waits.

    When all participants are treated, the outcomes are awaited and the dose is named.
    """
    state, curve = Trials.fresh(design, trials), Curve.of(design)
    generator, chances = np.random.default_rng(seed), np.array(scenario.dlt)
    people = design.people or design.per_level
    course = Course(trials, people, scenario.window_days)
    for person in range(people):
        now = person * scenario.every_days
        going = _assign_levels(state, course, curve, now)
        here = state.current[going]
        hit = generator.random(len(going)) < chances[here]
        day = now + generator.random(len(going)) * scenario.window_days
        course.level[going, person], course.came[going, person] = here, now
        course.due[going, person] = np.where(hit, day, np.inf)
    _end(design, state, course, curve)
    return state.summarise()


def _assign_levels(state: Trials, course: Course, curve: Curve, now: float) -> Whole:
    """Move every trial to the level of its next participant; return the trials that take one."""
    design, treated = curve.design, course.count_treated(state.judged.shape[1])
    running = np.flatnonzero((state.stands == RUNNING) & (~_is_full(design, state, treated)))
    if now == 0:
        return running
    course.update_known(state, now)
    closing = boundaries(design)[2]
    is_stopped = state.dlts[:, 0] >= closing[state.judged[:, 0]]
    state.stands[(state.stands == RUNNING) & is_stopped] = STOPPED
    fit = _estimate_rates(state, course, curve, now)
    following = _next(design, state, np.arange(len(state.current)), fit)
    whole = state.at_open(treated) % design.cohort == 0
    moves = whole | (state.at_open(state.dlts) > 0)
    is_running = state.stands == RUNNING
    state.current = np.where(moves & is_running, following, state.current)
    return np.flatnonzero(is_running & ~_is_full(design, state, treated))


def _is_full(design: DoseDesign, state: Trials, treated: Whole) -> Truth:
    return np.asarray(state.at_open(treated) >= design.per_level)


def _estimate_rates(state: Trials, course: Course, curve: Curve, now: float) -> tuple[Real, Truth]:
    if curve.design.estimate != "bayes":
        return fit_curves(curve, state.judged, state.dlts)
    likelihood = curve.likelihood(state.judged, state.dlts) + course.pending(curve, now)
    return rates_at(curve.design, curve.means(likelihood)), np.ones(len(likelihood), bool)


def _end(design: DoseDesign, state: Trials, course: Course, curve: Curve) -> None:
    """Add every awaited outcome, then name the dose of the trials that were not stopped."""
    course.update_known(state, np.inf)
    closing = boundaries(design)[2]
    running = np.flatnonzero(state.stands == RUNNING)
    fit = fit_curves(curve, state.judged[running], state.dlts[running])
    found = _nearest_to_target(design, state, running, fit, highest(state.judged[running]))
    is_stopped = state.dlts[running, 0] >= closing[state.judged[running, 0]]
    state.stands[running] = np.where(is_stopped, STOPPED, found)
