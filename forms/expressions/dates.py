"""Dates in expressions: REDCap's datediff, and time exact by the calendar.

An anniversary whose day does not exist is on the first day of the next month: a participant born
on 29 February turns 18 on 1 March of a common year; a month from 31 January is complete on 1 March.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from forms.expressions.numbers import read_number

_MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_LEGACY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_YEAR = re.compile(r"[0-9]{4}")
_SECONDS = {"y": 31_556_952.0, "M": 2_630_016.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
DATE_UNITS = frozenset(_SECONDS)
DATE_FORMATS = frozenset({"ymd", "mdy", "dmy"})


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and the seconds since its midnight, in the site's local time."""

    day: date
    seconds: int = 0


def read_moment(text: str) -> Moment | None:
    """Return a full ISO date, with or without a time; None for a partial or impossible one."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    whole = _day(year, month, day)
    return Moment(whole, hour * 3600 + minute * 60 + second) if whole else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_legacy(text: str, order: str) -> Moment | None:
    """Return a date of a formula written for REDCap's old formats: 01-31-2024 with “mdy”."""
    match = _LEGACY.fullmatch(text)
    if match is None or order not in {"mdy", "dmy"}:
        return read_moment(text)
    first, second, year = (int(part) for part in match.groups())
    day = _day(year, first, second) if order == "mdy" else _day(year, second, first)
    return Moment(day) if day else None


def _datediff(start: str, end: str, unit: str, option: str = "", signed: str = "") -> float | None:
    order = option.lower() if option.lower() in DATE_FORMATS else ""
    first, last = _read_legacy(start, order), _read_legacy(end, order)
    if first is None or last is None or unit not in _SECONDS:
        return None
    days = last.day.toordinal() - first.day.toordinal()
    span = (days * 86_400 + last.seconds - first.seconds) / _SECONDS[unit]
    return span if _is_set(signed) or _is_set(option) else abs(span)


def _is_set(flag: str) -> bool:
    number = read_number(flag)
    return flag.lower() in {"true", "signed"} if number is None else number != 0


def _anniversary(birth: date, year: int) -> date:
    return _day(year, birth.month, birth.day) or date(year, 3, 1)


def _completed_months(start: date, end: date) -> int:
    """Return the whole months from start to a later end."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)


def _between(start: str, end: str, count: Callable[[date, date], float | None]) -> float | None:
    first, last = read_moment(start), read_moment(end)
    return None if first is None or last is None else count(first.day, last.day)


def _months_between(start: date, end: date) -> float:
    if end < start:
        return float(-_completed_months(end, start))
    return float(_completed_months(start, end))


def _age_months(birth: date, on: date) -> float | None:
    return float(_completed_months(birth, on)) if birth <= on else None


def _age_years(birth: date, on: date) -> float | None:
    return float(_completed_months(birth, on) // 12) if birth <= on else None


def _age_with_fraction(birth: date, on: date) -> float | None:
    years = _age_years(birth, on)
    if years is None or birth.year + years >= date.max.year:
        return None
    last = _anniversary(birth, birth.year + int(years))
    coming = _anniversary(birth, birth.year + int(years) + 1)
    return years + (on - last).days / (coming - last).days


def _age_at_date(birth: str, on: str, fraction: str = "") -> float | None:
    return _between(birth, on, _age_with_fraction if _is_set(fraction) else _age_years)


def _year(text: str) -> float | None:
    bounds = date_bounds(text)
    return float(bounds[0][:4]) if bounds else None


def _month(text: str) -> float | None:
    bounds = date_bounds(text)
    return float(bounds[0][5:7]) if bounds and _YEAR.fullmatch(text) is None else None


def _of_day(count: Callable[[date], float]) -> Callable[[str], float | None]:
    def of_text(text: str) -> float | None:
        moment = read_moment(text)
        return None if moment is None else float(count(moment.day))

    return of_text


def date_bounds(text: str) -> tuple[str, str] | None:
    """Return the first and last day of a full or partial date, as ISO dates; None if not a date."""
    moment = read_moment(text)
    if moment is not None:
        return text[:10], text[:10]
    match = _PARTIAL.fullmatch(text)
    if match is None or int(match[1]) < 1 or not 1 <= int(match[2] or 1) <= 12:
        return None
    first, last = match[2] or "01", match[2] or "12"
    days = monthrange(int(match[1]), int(last))[1]
    return f"{match[1]}-{first}-01", f"{match[1]}-{last}-{days}"


def undecided_bounds(left: str, right: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Return the bounds of two dates if at least one is partial; None if the dates are certain.

    Two years alone are not treated as dates: they could also be numbers.
    """
    partial = [_PARTIAL.fullmatch(text) is not None for text in (left, right)]
    years = [_YEAR.fullmatch(text) is not None for text in (left, right)]
    first, last = date_bounds(left), date_bounds(right)
    if not any(partial) or all(years) or first is None or last is None:
        return None
    return first, last


DATE_FUNCTIONS: dict[str, Callable[..., float | None]] = {
    "datediff": _datediff,
    "age_at_date": _age_at_date,
    "age_years": lambda birth, on: _between(birth, on, _age_years),
    "age_months": lambda birth, on: _between(birth, on, _age_months),
    "months_between": lambda start, end: _between(start, end, _months_between),
    "days_from": lambda start, end: _between(start, end, lambda a, b: float((b - a).days)),
    "dayoftheweek": _of_day(lambda day: day.isoweekday()),
    "year": _year,
    "month": _month,
    "day": _of_day(lambda day: day.day),
}
