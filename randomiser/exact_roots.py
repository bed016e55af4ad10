"""Exact comparison of sums of square roots, so that equal standard deviations are ties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import isqrt, lcm

Term = tuple[int, int]
"""A whole number, and the whole number whose square root it multiplies."""


@dataclass(frozen=True, eq=False)
class RootSum:
    """A sum of whole multiples of square roots of whole numbers of 0 or more.

    Only `<` is defined: two sums are equal when neither is below the other.
    """

    terms: tuple[Term, ...]

    def __lt__(self, other: RootSum) -> bool:
        if self.terms == other.terms:
            return False
        return _is_negative([*self.terms, *((-times, root) for times, root in other.terms)])

    def __str__(self) -> str:
        return " + ".join(f"{times} sqrt({radicand})" for times, radicand in self.terms)


def _is_negative(terms: Iterable[Term]) -> bool:
    """Return whether a sum is below 0: algebra finds 0, enough binary places find the sign."""
    classes = _collect_roots(terms)
    low = high = 0
    if not classes:
        return False
    for places in count(32, 32):
        low = high = 0
        for radicand, times in classes:
            root = isqrt(radicand << 2 * places)  # the root is at least this and less than 1 more
            low += times * (root if times > 0 else root + 1)
            high += times * (root + 1 if times > 0 else root)
        if low > 0 or high < 0:
            break
    return high < 0


def _collect_roots(terms: Iterable[Term]) -> list[Term]:
    """Combine roots that are rational multiples of each other; any remaining sum is not 0.

    Two roots are rational multiples of each other when the product of their radicands is a square.
    Otherwise they are linearly independent over the rationals (Besicovitch, J London Math Soc
    1940;15:3-6).
    """
    found: dict[int, Fraction] = {}
    for times, radicand in terms:
        for known in found:
            root = isqrt(known * radicand)
            if root * root == known * radicand:
                found[known] += Fraction(times * root, known)
                break
        else:
            if radicand:
                found[radicand] = Fraction(times)
    shared = lcm(*(times.denominator for times in found.values()))
    return [(radicand, int(times * shared)) for radicand, times in found.items() if times]
