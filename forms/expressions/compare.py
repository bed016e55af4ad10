"""Comparing two values: as numbers when both are numeric, else as texts by code point."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from forms.expressions.dates import undecided_bounds
from forms.expressions.numbers import read_number, show_number
from forms.expressions.values import UNKNOWN, Known, Unknown

Truth: TypeAlias = bool | Literal[Unknown.UNKNOWN]
_ORDERS: Final[dict[str, Callable[[float | str, float | str], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def to_number(value: Known | None) -> float | None:
    """Return the value as a number: true is 1, a numeric text its number, other text nothing."""
    if isinstance(value, str):
        return read_number(value)
    return None if value is None else float(value)


def to_text(value: Known | None) -> str:
    """The value as a text: a blank is "", true is "1", a number its shortest decimal text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else show_number(float(value))


def compare(sign: str, left: Known, right: Known) -> bool:
    """Return the result of comparing two values, neither of them blank."""
    first, second = to_number(left), to_number(right)
    if first is not None and second is not None:
        return _ORDERS[sign](first, second)
    return _ORDERS[sign](to_text(left), to_text(right))


def compare_two_valued(sign: str, left: Known | None, right: Known | None) -> bool:
    """Return REDCap's comparison: a blank equals only a blank and is never less or more."""
    if left is not None and right is not None:
        return compare(sign, left, right)
    same = left is None and right is None
    return same if sign == "=" else sign == "<>" and not same


def compare_three_valued(sign: str, left: Known, right: Known) -> Truth:
    """Return the comparison of two known values; for partial dates if all completions agree."""
    if left == "" or right == "":
        return compare(sign, left, right) if sign in {"=", "<>"} else UNKNOWN
    if isinstance(left, str) and isinstance(right, str):
        bounds = undecided_bounds(left, right)
        if bounds is not None:
            return _compare_bounds(sign, *bounds)
    return compare(sign, left, right)


def _compare_bounds(sign: str, left: tuple[str, str], right: tuple[str, str]) -> Truth:
    """Return the result that all pairs of days within the bounds give, UNKNOWN if they differ."""
    if sign in {"=", "<>"}:
        apart = left[1] < right[0] or right[1] < left[0]
        return (sign == "<>") if apart else UNKNOWN
    answers = {_ORDERS[sign](left[0], right[1]), _ORDERS[sign](left[1], right[0])}
    return answers.pop() if len(answers) == 1 else UNKNOWN
