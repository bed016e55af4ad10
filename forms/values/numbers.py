"""Reading numbers exactly: ASCII digits and a point, no exponent, no float, units converted."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from forms.definition import DecimalNumber, Derived, Integer, Range, VisualAnalogue
from forms.values.cells import Cell, Refusal, refuse

MAX_DIGITS = 15
"""More digits than this would not survive the arithmetic of expressions (IEEE doubles)."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_WITH_COMMA = re.compile(r"[+-]?[0-9]+(,[0-9]+)+(\.[0-9]+)?")
_WITH_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")
_EXACT = Context(prec=60)


def plain(number: Decimal) -> str:
    """Give a number as canonical text: no exponent, no needless zero, no sign on zero."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def read_integer(item: Integer | VisualAnalogue, text: str) -> Cell | Refusal | None:
    """Read a whole number; None when nothing was typed."""
    if not text:
        return None
    number = _number(item, text)
    if isinstance(number, Refusal):
        return number
    if number != number.to_integral_value():
        return refuse(item, f"enter a whole number; {text} has decimals")
    outside = _impossible(item, number, _hard(item))
    return outside or Cell(int(number), raw=_as_typed(text, str(int(number))))


def read_decimal(item: DecimalNumber, text: str, unit: str | None) -> Cell | Refusal | None:
    """Read a number in the item's unit or in another it accepts; None when nothing was typed."""
    if not text:
        return None
    number = _number(item, text)
    if isinstance(number, Refusal):
        return number
    factor = _factor(item, unit)
    if factor is None:
        return refuse(item, f"{unit!r} is not a unit it is measured in; {_units(item)}")
    if factor == 1:
        return _in_canonical_unit(item, number, text)
    value = _EXACT.multiply(number, factor).quantize(
        Decimal(1).scaleb(-item.decimals), ROUND_HALF_UP, _EXACT
    )
    outside = _impossible(item, value, item.hard)
    return outside or Cell(plain(value), unit=unit, raw=text)


def _in_canonical_unit(item: DecimalNumber, number: Decimal, text: str) -> Cell | Refusal:
    canonical = plain(number)
    _, _, fraction = canonical.partition(".")
    if len(fraction) > item.decimals:
        return refuse(item, f"give at most {_decimals(item.decimals)}; {text} has {len(fraction)}")
    outside = _impossible(item, number, item.hard)
    return outside or Cell(canonical, raw=_as_typed(text, canonical))


def _decimals(count: int) -> str:
    return "1 decimal" if count == 1 else f"{count} decimals"


def _as_typed(text: str, canonical: str) -> str | None:
    return None if text == canonical else text


def _factor(item: DecimalNumber, unit: str | None) -> Decimal | None:
    if unit is None or unit in ("", item.unit):
        return Decimal(1)
    return {other.unit: other.factor for other in item.other_units}.get(unit)


def _units(item: DecimalNumber) -> str:
    units = [unit for unit in (item.unit, *(o.unit for o in item.other_units)) if unit]
    return f"use {' or '.join(units)}" if units else "it has no unit"


def _hard(item: Integer | VisualAnalogue) -> Range | None:
    if isinstance(item, VisualAnalogue):
        return Range(minimum=Decimal(0), maximum=Decimal(item.steps))
    return item.hard


def _number(item: Integer | DecimalNumber | VisualAnalogue, text: str) -> Decimal | Refusal:
    if _NUMBER.fullmatch(text) is None:
        return refuse(item, _not_a_number(item, text))
    if sum(character.isdigit() for character in text) > MAX_DIGITS:
        return refuse(item, f"the number has more than {MAX_DIGITS} digits")
    return Decimal(text)


def _not_a_number(item: Integer | DecimalNumber | VisualAnalogue, text: str) -> str:
    if not isinstance(item, DecimalNumber) and not _WITH_EXPONENT.fullmatch(text):
        return "enter a whole number in figures, for example 72"
    if _WITH_COMMA.fullmatch(text):
        return "use a point for decimals and no comma, for example 72.5"
    if _WITH_EXPONENT.fullmatch(text):
        return "write the number out in full, without an exponent"
    return "enter a number in figures, for example 72 or 72.5"


def _impossible(
    item: Integer | DecimalNumber | VisualAnalogue, number: Decimal, limits: Range | None
) -> Refusal | None:
    if limits is None or within(number, limits):
        return None
    unit = unit_of(item)
    shown = with_unit(plain(number), unit)
    return refuse(item, f"{shown} is not possible; it must be {limit_words(limits, unit)}")


def within(number: Decimal, limits: Range) -> bool:
    """Tell whether the number lies in the range, its ends included."""
    low, high = limits.minimum, limits.maximum
    return (low is None or number >= low) and (high is None or number <= high)


def unit_of(item: Integer | DecimalNumber | VisualAnalogue | Derived) -> str | None:
    """Give the canonical unit; a point on a line has none."""
    return None if isinstance(item, VisualAnalogue) else item.unit


def with_unit(number: str, unit: str | None) -> str:
    """Give a number with its unit behind it."""
    return f"{number} {unit}" if unit else number


def limit_words(limits: Range, unit: str | None) -> str:
    """Give a range in words: `40 to 150 kg`, `at least 40 kg`, `at most 150 kg`."""
    low, high = limits.minimum, limits.maximum
    if low is None and high is None:
        return "any number"
    if low is None or high is None:
        side = "at least" if high is None else "at most"
        bound = low if low is not None else high
        return with_unit(f"{side} {plain(bound or Decimal(0))}", unit)
    return with_unit(f"{plain(low)} to {plain(high)}", unit)
