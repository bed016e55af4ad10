"""Formatting of numbers in messages."""

from __future__ import annotations

from fractions import Fraction


def percent(chance: Fraction | float) -> str:
    """Return a chance as a percentage with one decimal, rounded half up."""
    tenths = int(Fraction(chance) * 1000 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10} %"
