"""Hu and Hu's method: balance overall, in each factor and in all factors together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from randomiser.counts import Counts
from randomiser.design import Design
from randomiser.method import (
    AdaptiveMethod,
    DesignParts,
    Method,
    factor_weights_from,
    fair_coin,
    two_equal_arms,
)
from randomiser.parameters import (
    FACTOR_WEIGHTS,
    LARGEST_FACTOR_WEIGHT,
    MISTAKES,
    PREFERRED_P,
    Parameter,
    between,
)


def odds(design: Design, counts: Counts) -> tuple[Sequence[int], Sequence[int]]:
    """Return a whole number for each of the two arms and the imbalance that each arm would leave.

    Source: docs/randomisation-protocol.md section 11.2; Hu and Hu, Ann Stat 2012;40:1794-1815.
    """
    weighted = [
        (design.overall_weight, counts.overall),
        *zip(design.factor_weights, counts.factors, strict=True),
        (design.stratum_weight, counts.together),
    ]
    first, second = (
        sum(weight * (row[0] - row[1] + step) ** 2 for weight, row in weighted) for step in (1, -1)
    )
    if first == second:
        return (1, 1), (first, second)
    much, little = design.p.numerator, design.p.denominator - design.p.numerator
    return ((much, little) if first < second else (little, much)), (first, second)


def _no_weight_at_all(_: Method, parts: DesignParts) -> Iterator[str]:
    weights = parts.given.get("factor_weights")
    others = [parts.given.get("overall_weight"), parts.given.get("stratum_weight")]
    if isinstance(weights, Sequence) and not any([*others, *weights]):
        yield "All weights are 0, so nothing is balanced; give at least one above 0."


METHOD = AdaptiveMethod(
    name="hu_hu",
    label="Hu and Hu's method",
    parameters=(
        PREFERRED_P,
        Parameter(
            name="overall_weight",
            label="Weight of the imbalance overall",
            example=1,
            problems=between("overall_weight", 0, LARGEST_FACTOR_WEIGHT),
        ),
        FACTOR_WEIGHTS,
        Parameter(
            name="stratum_weight",
            label="Weight of the imbalance in all factors together",
            example=1,
            problems=between("stratum_weight", 0, LARGEST_FACTOR_WEIGHT),
        ),
        MISTAKES,
    ),
    limits=(two_equal_arms, factor_weights_from(0), _no_weight_at_all),
    warnings=(fair_coin,),
    odds=odds,
    counts_together=True,
)
