"""Dates of which the day, or day and month, may be unknown: `2024`, `2024-03`, `2024-03-09`."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class NoSuchDate(ValueError):
    """A day that no calendar has; the message names it."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date known to the day, to the month or to the year."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def iso(self) -> str:
        """The stored text."""
        parts = [f"{self.year:04d}"]
        parts += [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def is_full(self) -> bool:
        """Whether the day is known."""
        return self.day is not None

    @property
    def earliest(self) -> date:
        """The first day it can have been."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can have been."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def midpoint(self) -> date:
        """The middle day: the 16th of a month of 31 days, 2 July of a common year."""
        return self.earliest + timedelta(days=(self.latest - self.earliest).days // 2)

    @property
    def words(self) -> str:
        """The date as people read it: 9 March 2024, March 2024 or 2024."""
        month = MONTHS[self.month - 1] if self.month else None
        return " ".join(str(part) for part in (self.day, month, self.year) if part is not None)


def partial_date(year: int, month: int | None = None, day: int | None = None) -> PartialDate:
    """Make a date that the calendar has; NoSuchDate says why it has not."""
    if not 1 <= year <= 9999:
        raise NoSuchDate(f"there is no year {year}")
    if month is not None and not 1 <= month <= 12:
        raise NoSuchDate(f"there is no month {month}; give the day first, then the month")
    if month is not None and day is not None:
        _require_day(year, month, day)
    return PartialDate(year, month, day)


def _require_day(year: int, month: int, day: int) -> None:
    last = monthrange(year, month)[1]
    if month == 2 and day == 29 and last == 28:
        raise NoSuchDate(f"29 February {year} does not exist; {year} is not a leap year")
    if not 1 <= day <= last:
        raise NoSuchDate(
            f"{day} {MONTHS[month - 1]} {year} does not exist; "
            f"{MONTHS[month - 1]} {year} has {last} days"
        )


def parse_iso(text: str) -> PartialDate:
    """Read a stored date; NoSuchDate when the text is none."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise NoSuchDate(f"{text!r} is not a date such as 2024-03-09")
    year, month, day = (int(part) if part else None for part in found.groups())
    return partial_date(year or 0, month, day)
