"""Arithmetic that gives the same digits here and in capture/static/expressions.js.

Numbers are IEEE doubles. Sums run left to right, so that both sides add in one order.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

_NUMERIC = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
SIGNIFICANT = 12
_MAX_PLACES = 400
_MAX_EXACT_EXPONENT = 1024


def read_number(text: str) -> float | None:
    """Return the number a text spells in ASCII digits, or None: no exponents, spaces or commas."""
    if _NUMERIC.fullmatch(text) is None:
        return None
    return finite(float(text))


def finite(number: float | None) -> float | None:
    """Return the number (a negative zero as zero), or None when it is infinite or not a number."""
    return number + 0.0 if number is not None and math.isfinite(number) else None


def show_number(number: float) -> str:
    """Return the shortest decimal text that reads back as the number; never an exponent or “-0”."""
    digits, scale = _decimal(abs(number))
    sign = "-" if number < 0 else ""
    if scale <= 0:
        return f"{sign}{digits}{'0' * -scale if digits != '0' else ''}"
    padded = digits.rjust(scale + 1, "0")
    return f"{sign}{padded[:-scale]}.{padded[-scale:]}"


def _decimal(number: float) -> tuple[str, int]:
    """Return digits and scale of the shortest decimal text: 12.5 is ("125", 1)."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction.rstrip("0")
    return (whole + fraction).lstrip("0") or "0", len(fraction) - int(exponent or 0)


def _cut(number: float, drop: int, tenths: int) -> float:
    """Return the number without `drop` final digits, rounded away from 0 from a rest on.

    tenths: the rest, in tenths of the last kept digit, from which it is rounded away from 0: 5
    rounds half away from 0, 10 never rounds up, 0 rounds up for any rest above 0.
    """
    digits, scale = _decimal(abs(number))
    if drop <= 0:
        return number
    quotient, rest = divmod(int(digits), 10**drop)
    up = rest > 0 and rest * 10 >= tenths * 10**drop
    return math.copysign(float(f"{quotient + up}e{drop - scale}"), number)


def significant(number: float | None) -> float | None:
    """The number rounded to 12 significant digits, where the two sides' libraries may differ."""
    if finite(number) is None or number is None:
        return None
    return _cut(number, len(_decimal(abs(number))[0]) - SIGNIFICANT, 5)


def _make_rounding(tenths: int) -> Callable[..., float | None]:
    def to_places(number: float, places: float = 0.0) -> float | None:
        if not places.is_integer() or abs(places) > _MAX_PLACES:
            return None
        return _cut(number, _decimal(abs(number))[1] - int(places), tenths)

    return to_places


def _divide(number: float, by: float) -> float | None:
    return None if by == 0 else number / by


def _remainder(number: float, by: float) -> float | None:
    return None if by == 0 else math.fmod(number, by)


def _power(base: float, exponent: float) -> float | None:
    if exponent.is_integer() and abs(exponent) <= _MAX_EXACT_EXPONENT:
        product = _multiply_repeatedly(base, int(abs(exponent)))
        return significant(product) if exponent >= 0 else significant(_divide(1.0, product))
    return _library(math.pow, base, exponent)


def _multiply_repeatedly(base: float, times: int) -> float:
    """Return the power by repeated squaring; both sides round each step in the same way."""
    product, square = 1.0, base
    while times:
        if times % 2:
            product *= square
        square *= square
        times //= 2
    return product


def _library(function: Callable[..., float], *numbers: float) -> float | None:
    try:
        return significant(function(*numbers))
    except (OverflowError, ValueError):
        return None


def _logarithm(number: float, base: float | None = None) -> float | None:
    if number <= 0 or (base is not None and (base <= 0 or base == 1)):
        return None
    natural = math.log(number)
    return significant(natural if base is None else natural / math.log(base))


def _total(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total


def _median(numbers: Sequence[float]) -> float:
    ordered, middle = sorted(numbers), len(numbers) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def _deviation(numbers: Sequence[float]) -> float | None:
    if len(numbers) < 2:
        return None
    mean = _total(numbers) / len(numbers)
    squares = _total([(number - mean) * (number - mean) for number in numbers])
    return significant(math.sqrt(squares / (len(numbers) - 1))) if math.isfinite(squares) else None


ARITHMETIC: dict[str, Callable[..., float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "%": _remainder,
    "mod": _remainder,
    "^": _power,
    "neg": lambda a: -a,
    "abs": abs,
    "round": _make_rounding(5),
    "roundup": _make_rounding(0),
    "rounddown": _make_rounding(10),
    "sqrt": lambda a: math.sqrt(a) if a >= 0 else None,
    "exponential": lambda a: _library(math.exp, a),
    "log": _logarithm,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float | None]] = {
    "sum": _total,
    "mean": lambda numbers: _total(numbers) / len(numbers),
    "median": _median,
    "min": min,
    "max": max,
    "stdev": _deviation,
}
