"""Minimisation: the arm that leaves a participant's levels best balanced is the most likely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm
from operator import mul
from typing import Any

from randomiser.counts import Counts
from randomiser.design import Design
from randomiser.exact_roots import RootSum
from randomiser.method import AdaptiveMethod, DesignParts, Method, factor_weights_from
from randomiser.parameters import (
    FACTOR_WEIGHTS,
    MISTAKES,
    PREFERRED_P,
    Parameter,
    among,
    between,
)

MOST_FIRST = 1000

Scaled = Sequence[int]
"""How many are in each arm, divided by its share of the ratio and made whole numbers again."""


def spread(scaled: Scaled) -> int:
    """Return the range."""
    return max(scaled) - min(scaled)


def variance(scaled: Scaled) -> int:
    """Return the sample variance times k (k - 1), for k arms."""
    return len(scaled) * sum(count * count for count in scaled) - sum(scaled) ** 2


def squared_difference(scaled: Scaled) -> int:
    """Return the square of the difference between two arms."""
    return (scaled[0] - scaled[1]) ** 2


def marginal_balance(scaled: Scaled) -> Fraction:
    """Return the sum of the differences of all pairs as a share of its largest possible value."""
    differences = sum(abs(count - other) for count, other in combinations(scaled, 2))
    return Fraction(differences, (len(scaled) - 1) * sum(scaled))


MEASURES: Mapping[str, Callable[[Scaled], Any]] = {
    "range": spread,
    "variance": variance,
    "standard_deviation": variance,  # the root is taken when the factors are summed
    "squared_difference": squared_difference,
    "marginal_balance": marginal_balance,
}


def odds(design: Design, counts: Counts) -> tuple[Sequence[int], Sequence[Any]]:
    """Return a whole number for each arm and the imbalance that each arm would leave.

    While fewer than `first` participants count in the stratum the odds are the ratio and there are
    no imbalances.
    Source: docs/randomisation-protocol.md section 11.1; Pocock and Simon, Biometrics
    1975;31:103-115; odds for any ratio: Han, Enas and McEntegart, Stat Med 2009;28:3329-3346.
    """
    ratio = [arm.ratio for arm in design.arms]
    if sum(counts.overall) < design.first:
        return ratio, ()
    scores = imbalances(design, ratio, counts)
    least = min(scores)
    return _biased_odds(design.p, ratio, [not least < score for score in scores]), scores


def imbalances(design: Design, ratio: Sequence[int], counts: Counts) -> list[Any]:
    """Return for each arm the weighted sum over the factors if the next participant gets it."""
    shared = lcm(*ratio)
    units = [shared // share for share in ratio]
    measure, weights = MEASURES[design.measure], design.factor_weights
    are_roots = design.measure == "standard_deviation"
    rows = [list(map(mul, row, units)) for row in counts.factors]
    found: list[Any] = []
    for arm, unit in enumerate(units):
        values = []
        for row in rows:
            row[arm] += unit
            values.append(measure(row))
            row[arm] -= unit
        found.append(
            RootSum(tuple(zip(weights, values, strict=True)))
            if are_roots
            else sum(map(mul, weights, values))
        )
    return found


def _biased_odds(p: Fraction, ratio: Sequence[int], best: Sequence[bool]) -> list[int]:
    """Return the odds when one of the best arms, chosen by the ratio, is preferred with p.

    p is the chance of a preferred arm with the smallest share. Arms that are not preferred always
    have the same chance in proportion to their share.
    """
    total, smallest = sum(ratio), min(ratio)
    tied = sum(share for share, is_best in zip(ratio, best, strict=True) if is_best)
    much, little = p.denominator * (total - smallest), p.denominator - p.numerator
    return [
        share * (much - (total - share) * little + (tied - share) * little)
        if is_best
        else share * little * tied
        for share, is_best in zip(ratio, best, strict=True)
    ]


def _two_arms_for_squares(_: Method, parts: DesignParts) -> Iterator[str]:
    if parts.given.get("measure") == "squared_difference" and len(parts.arms) != 2:
        yield "The squared difference is for two arms only; choose variance."


def _no_preference(design: Design) -> Iterator[str]:
    least = Fraction(min(arm.ratio for arm in design.arms), design.ratio_sum)
    if design.p == least:
        yield f"p is {least}, the share of the smallest arm, so nothing is balanced."


METHOD = AdaptiveMethod(
    name="minimisation",
    label="Minimisation",
    parameters=(
        Parameter(
            name="measure",
            label="Measure of imbalance",
            example="range",
            problems=among("measure", tuple(MEASURES)),
        ),
        PREFERRED_P,
        FACTOR_WEIGHTS,
        Parameter(
            name="first",
            label="Participants allocated by the ratio alone at first",
            example=0,
            problems=between("first", 0, MOST_FIRST),
            omitted=lambda _, __: 0,
        ),
        MISTAKES,
    ),
    limits=(factor_weights_from(1), _two_arms_for_squares),
    warnings=(_no_preference,),
    odds=odds,
)
