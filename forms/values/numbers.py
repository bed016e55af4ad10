"""Numbers as exact text: no exponent, no float; ranges and units in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

MAX_DIGITS = 15
"""More digits than this would not survive the arithmetic of expressions (IEEE doubles)."""


class Limits(Protocol):
    """The ends of a range of numbers."""

    @property
    def minimum(self) -> Decimal | None:
        """The least allowed."""

    @property
    def maximum(self) -> Decimal | None:
        """The most allowed."""


def plain(number: Decimal) -> str:
    """Return a number as canonical text: no exponent, no needless zero, no sign on zero."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def within(number: Decimal, limits: Limits) -> bool:
    """Return whether the number lies in the range, its ends included."""
    low, high = limits.minimum, limits.maximum
    return (low is None or number >= low) and (high is None or number <= high)


def with_unit(number: str, unit: str | None) -> str:
    """Return a number with its unit behind it."""
    return f"{number} {unit}" if unit else number


def limit_words(limits: Limits, unit: str | None) -> str:
    """Return a range in words: `40 to 150 kg`, `at least 40 kg`, `at most 150 kg`."""
    low, high = limits.minimum, limits.maximum
    if low is None and high is None:
        return "any number"
    if low is None or high is None:
        side = "at least" if high is None else "at most"
        bound = low if low is not None else high
        return with_unit(f"{side} {plain(bound or Decimal(0))}", unit)
    return with_unit(f"{plain(low)} to {plain(high)}", unit)
