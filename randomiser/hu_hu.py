"""Hu and Hu: balance overall, within each factor and within their combination, all at once."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.design import Design
from randomiser.tally import Counts


def odds(design: Design, counts: Counts) -> tuple[Sequence[int], Sequence[int]]:
    """Return one whole number for each of two arms, and the imbalance that each would leave.

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
