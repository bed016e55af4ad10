"""One-parameter dose-toxicity curves and the estimates of their parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, log1p, sqrt

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import LevelState

WIDTH, STEPS = 10.0, 400
"""The posterior is summed over this many prior standard deviations to each side, in equal steps.

The integrand is smooth and vanishes at both ends, where the plain sum in equal steps converges
faster than any power of the step; halving it changes nothing in the first ten digits.
"""


@dataclass(frozen=True)
class Fit:
    """The estimated parameter and the DLT rate of each level with it."""

    parameter: float
    rates: tuple[float, ...]


def curve(design: DoseDesign) -> Callable[[float], tuple[float, ...]]:
    """Return the function from the parameter b to the DLT rate of every level.

    empiric:  rate = skeleton to the power exp(b).
    logistic: rate = 1 / (1 + exp(-a - exp(b) x)), x = logit(skeleton) - a, a the intercept.
    Both give the skeleton at b = 0.
    Source: O'Quigley, Pepe and Fisher, Biometrics 1990;46:33-48; Cheung, Dose Finding by the
    Continual Reassessment Method, 2011, chapters 2 and 3 (the form with exp(b)).
    """
    guesses = [float(guess) for guess in design.skeleton]
    if design.model == "empiric":
        logs = [log(guess) for guess in guesses]
        return lambda b: tuple(exp(exp(b) * value) for value in logs)
    a = float(design.intercept)
    places = [log(guess / (1 - guess)) - a for guess in guesses]
    return lambda b: tuple(_expit(a + exp(b) * place) for place in places)


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def log_likelihood(rates: Sequence[float], levels: Sequence[LevelState]) -> float:
    """Return the log likelihood of all participants, with the follow-up of pending ones.

    With DLT rate p, a participant with a DLT contributes p; one without a DLT after the whole
    window 1 - p; one without a DLT after the share w of the window 1 - w p.
    Source: Cheung and Chappell, Biometrics 2000;56:1177-1182.
    """
    total = 0.0
    for rate, level in zip(rates, levels, strict=True):
        free = level.evaluable - level.dlts
        if level.dlts:
            total += level.dlts * _log(rate)
        if free:
            total += free * _log1m(rate)
        total += sum(_log1m(float(share) * rate) for share in level.followed)
    return total


def _log(rate: float) -> float:
    return log(rate) if rate > 0 else -1e300


def _log1m(rate: float) -> float:
    return log1p(-rate) if rate < 1 else -1e300


def posterior_mean(design: DoseDesign, levels: Sequence[LevelState]) -> Fit:
    """Return the curve at the posterior mean of b; the prior of b is normal around 0."""
    rates_at = curve(design)
    deviation = sqrt(design.prior_variance)
    step = 2 * WIDTH * deviation / STEPS
    places = [-WIDTH * deviation + step * k for k in range(STEPS + 1)]
    logs = [log_likelihood(rates_at(b), levels) - (b / deviation) ** 2 / 2 for b in places]
    top = max(logs)
    weights = [exp(value - top) for value in logs]
    mean = sum(b * weight for b, weight in zip(places, weights, strict=True)) / sum(weights)
    return Fit(mean, rates_at(mean))


def most_likely(design: DoseDesign, levels: Sequence[LevelState]) -> Fit | None:
    """Return the curve at the maximum likelihood estimate of b; None while there is none.

    There is none until at least one participant had a DLT and one had none (O'Quigley and Shen,
    Biometrics 1996;52:673-684). The likelihood has a single maximum, found by golden section.
    """
    dlts = sum(level.dlts for level in levels)
    if dlts == 0 or dlts == sum(level.evaluable for level in levels):
        return None
    rates_at = curve(design)
    b = _top(lambda b: log_likelihood(rates_at(b), levels), -WIDTH, WIDTH)
    return Fit(b, rates_at(b))


def _top(height: Callable[[float], float], low: float, high: float) -> float:
    golden = (sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = height(left), height(right)
    while high - low > 1e-9:
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = height(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = height(right)
    return (low + high) / 2
