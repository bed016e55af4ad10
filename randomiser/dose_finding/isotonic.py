"""Isotonic regression of DLT rates, in rational arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def pool_falls(rates: Sequence[Fraction], weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return non-decreasing rates: decreasing neighbours are pooled at their mean (PAVA).

    rates, weights: one for each level, the lowest first; weights above 0.
    Source: Barlow, Bartholomew, Bremner, Brunk, Statistical Inference under Order Restrictions,
    1972, chapter 1.
    """
    pools: list[tuple[Fraction, Fraction, int]] = []
    for rate, weight in zip(rates, weights, strict=True):
        pools.append((rate, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (low, light, few), (high, heavy, many) = pools[-2:]
            total = light + heavy
            pools[-2:] = [((low * light + high * heavy) / total, total, few + many)]
    return tuple(rate for rate, _, levels in pools for _ in range(levels))
