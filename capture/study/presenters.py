"""A recruitment target in words: how many, and by which day where it has one."""

from __future__ import annotations

from datetime import date

from capture import clock


def describe_target(number: int | None, by: date | str | None) -> str:
    """For example `255 by 31 December 2027`; nothing without a number."""
    if number is None:
        return ""
    return f"{number} by {clock.day_words(str(by))}" if by else str(number)
