"""The Bayesian optimal interval design (BOIN)."""

from __future__ import annotations

from fractions import Fraction
from math import comb, log

from randomiser.dose_finding.cohorts import is_between_cohorts, with_cohort_unharmed
from randomiser.dose_finding.design import DoseDesign, interval
from randomiser.dose_finding.isotonic import pool_falls
from randomiser.dose_finding.state import Act, DoseState, LevelState, Recommendation

TOLERANCE = 1e-9
"""A rate so close to a boundary that floats cannot tell takes the lower dose."""
FEWEST_TO_CLOSE = 3


def boundaries(design: DoseDesign) -> tuple[float, float]:
    """Return the DLT rates at or below which BOIN goes up and at or above which it goes down.

    Source: Liu and Yuan, J R Stat Soc C 2015;64:507-523, local BOIN with equal priors.
    """
    target = float(design.rate)
    safe, toxic = (float(rate) for rate in interval(design))
    up = log((1 - safe) / (1 - target)) / log(target * (1 - safe) / (safe * (1 - target)))
    down = log((1 - target) / (1 - toxic)) / log(toxic * (1 - target) / (target * (1 - toxic)))
    return up, down


def chance_too_toxic(people: int, dlts: int, target: Fraction) -> Fraction:
    """Return the chance that the DLT rate is above the target, from the level's participants alone.

    With a uniform prior this is the upper tail of Beta(1 + dlts, 1 + people - dlts). For whole
    numbers it is a sum of binomial probabilities, so it is exact.
    """
    n, hit, whole = people + 1, target.numerator, target.denominator
    ways = (comb(n, k) * hit**k * (whole - hit) ** (n - k) for k in range(dlts + 1))
    return Fraction(sum(ways), whole**n)


def is_too_toxic(design: DoseDesign, level: LevelState) -> bool:
    """Return whether the level's own participants close it and every level above it."""
    return (
        level.evaluable >= FEWEST_TO_CLOSE
        and chance_too_toxic(level.evaluable, level.dlts, design.rate) > design.cutoff
    )


def closed_from(design: DoseDesign, state: DoseState) -> int | None:
    """Return the index of the lowest closed level; None when all are open."""
    return next((k for k, level in enumerate(state.levels) if is_too_toxic(design, level)), None)


def decision_table(design: DoseDesign, most: int) -> list[tuple[int, int, int, int | None]]:
    """Return BOIN's decisions for 1 to `most` participants, one row each.

    A row is (participants, most DLTs to go up, fewest to go down, fewest to close the level; None
    when no number of DLTs closes it).
    """
    up, down = boundaries(design)
    rows, first = [], 0
    for people in range(1, most + 1):
        ups = [d for d in range(people + 1) if _is_escalation(d, people, up)]
        downs = [d for d in range(people + 1) if _is_deescalation(d, people, down)]
        # More participants never need fewer DLTs, so the search continues where it ended.
        closing = next(
            (d for d in range(first, people + 1) if is_too_toxic(design, LevelState(people, d))),
            None,
        )
        first = first if closing is None else closing
        least = min(downs, default=people + 1)
        if closing is not None:
            least = min(least, closing)
        rows.append((people, max(ups, default=-1), least, closing))
    return rows


def _is_escalation(dlts: int, people: int, up: float) -> bool:
    return dlts / people <= up - TOLERANCE


def _is_deescalation(dlts: int, people: int, down: float) -> bool:
    return dlts / people >= down - TOLERANCE


def select(design: DoseDesign, state: DoseState) -> int | None:
    """Return the recommended dose: its isotonic estimate is nearest to the target; None if toxic.

    The rates (y + 0.05)/(n + 0.1) of open levels with participants are made non-decreasing,
    weighted by the inverse of their variance. Of equally near levels below the target the highest
    is taken, of those above it the lowest; with some below and some above, the highest below.
    Source: Yan, Zhang, Zhou, Pan, Liu, Yuan, J Stat Softw 2020;94(13), section 2; the rule for
    ties as the manual of R package BOIN says it (select.mtd).
    """
    end = closed_from(design, state)
    tried = [k for k, level in enumerate(state.levels[:end]) if level.evaluable]
    if not tried:
        return None
    rates = estimates([state.levels[k] for k in tried])
    near = min(abs(rate - design.rate) for rate in rates)
    best = [(k, rate) for k, rate in zip(tried, rates, strict=True) if _off(rate, design) == near]
    below = [k for k, rate in best if rate < design.rate]
    return max(below) if below else min(k for k, _ in best)


def _off(rate: Fraction, design: DoseDesign) -> Fraction:
    return abs(rate - design.rate)


def estimates(levels: list[LevelState]) -> tuple[Fraction, ...]:
    """Return the isotonic estimates of the DLT rates of levels with participants."""
    rates, weights = [], []
    for level in levels:
        n, y = level.evaluable + Fraction(1, 10), level.dlts + Fraction(1, 20)
        rates.append(y / n)
        weights.append(n * n * (n + 1) / (y * (n - y)))
    return pool_falls(rates, weights)


def decide(design: DoseDesign, state: DoseState) -> Recommendation:
    """Recommend by the interval of the design; no outcome is awaited in this state.

    A cohort is completed first unless going down is already certain. The part ends when all
    participants are evaluated or the open level has the most participants allowed.
    """
    closed = closed_from(design, state)
    if closed == 0:
        words = f"The lowest level is too toxic: {_rate(state.levels[0])}"
        return _answer(design, state, Act.STOP, None, words, closed=closed)
    if not is_between_cohorts(design, state):
        return _within_cohort(design, state, closed)
    if is_over(design, state):
        chosen = select(design, state)
        act = Act.STOP if chosen is None else Act.MTD
        words = "All participants are evaluated; the isotonic estimate nearest the target is taken"
        return _answer(design, state, act, chosen, words, closed=closed)
    return _interval_rule(design, state, closed)


def is_over(design: DoseDesign, state: DoseState) -> bool:
    """Return whether the most participants allowed are evaluated, in all or at the open level."""
    return (design.people is not None and state.evaluable >= design.people) or (
        state.here.evaluable >= design.per_level
    )


def _interval_rule(design: DoseDesign, state: DoseState, closed: int | None) -> Recommendation:
    here, level = state.current, state.here
    end = len(state.levels) if closed is None else closed
    if here >= end:
        words = f"Level {design.levels[end]} is closed as too toxic"
        return _answer(design, state, Act.DE_ESCALATE, end - 1, words, closed=closed)
    up, down = boundaries(design)
    words = f"Level {design.levels[here]}: {_rate(level)}"
    if level.evaluable and _is_deescalation(level.dlts, level.evaluable, down) and here > 0:
        return _answer(
            design, state, Act.DE_ESCALATE, here - 1, f"{words}, at least {down:.3f}", closed=closed
        )
    if level.evaluable and _is_escalation(level.dlts, level.evaluable, up) and here + 1 < end:
        return _answer(
            design, state, Act.ESCALATE, here + 1, f"{words}, at most {up:.3f}", closed=closed
        )
    return _answer(design, state, Act.STAY, here, words, closed=closed)


def _within_cohort(design: DoseDesign, state: DoseState, closed: int | None) -> Recommendation:
    best = decide(design, with_cohort_unharmed(design, state))
    if best.act in (Act.DE_ESCALATE, Act.STOP):
        words = best.reason.rstrip(".")
        return _answer(design, state, best.act, best.level, words, closed=best.closed)
    words = f"The cohort at level {design.levels[state.current]} is not complete"
    return _answer(design, state, Act.STAY, state.current, words, closed=closed)


def _rate(level: LevelState) -> str:
    if not level.evaluable:
        return "no participant evaluated yet"
    return f"{level.dlts} of {level.evaluable} with a DLT ({level.dlts / level.evaluable:.3f})"


def _answer(
    design: DoseDesign,
    state: DoseState,
    act: Act,
    level: int | None,
    words: str,
    *,
    closed: int | None,
) -> Recommendation:
    return Recommendation(act, level, f"{words}.", _numbers(design, state), closed=closed)


def _numbers(design: DoseDesign, state: DoseState) -> tuple[tuple[str, str], ...]:
    up, down = boundaries(design)
    found = [("target", f"{float(design.rate):g}"), ("up at most", f"{up:.3f}")]
    found.append(("down at least", f"{down:.3f}"))
    for name, level in zip(design.levels, state.levels, strict=True):
        if level.evaluable:
            chance = chance_too_toxic(level.evaluable, level.dlts, design.rate)
            found.append((f"level {name}", f"{_rate(level)}, too toxic {float(chance):.3f}"))
    return tuple(found)
