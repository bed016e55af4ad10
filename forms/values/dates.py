"""Reading dates and times as people type them: one text or three boxes, never two-digit years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from forms.partial_dates import MONTHS, NoSuchDate, PartialDate, partial_date
from forms.values.cells import Cell, Labelled, Refusal, refuse

_UNKNOWN = frozenset({"uk", "nk", "unknown", "un", "unk"})
_EXAMPLE = "for example 15 3 1984"
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2}))?")
_SEPARATORS = re.compile(r"[/.\- ]+")
_TIME = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")
_MONTH_NUMBERS = {
    name[:length].lower(): number
    for number, name in enumerate(MONTHS, start=1)
    for length in {3, len(name)}
} | {"sept": 9}


class DateLimits(Labelled, Protocol):
    """What is asked for by a date: which days it may be."""

    @property
    def future(self) -> bool:
        """Whether it may lie after today."""

    @property
    def earliest(self) -> date:
        """The first day it may be."""


def read_date(
    item: DateLimits, texts: Sequence[str], today: date, *, partial: bool
) -> Cell | Refusal | None:
    """Read a date from one text or from day, month and year; None when nothing was typed."""
    read = _date_of(item, texts, today, partial=partial)
    return Cell(read.iso) if isinstance(read, PartialDate) else read


def read_datetime(item: DateLimits, texts: Sequence[str], today: date) -> Cell | Refusal | None:
    """Read a date and a time of day from one text or from day, month, year and time."""
    boxes = _split_time(texts)
    if not any(boxes):
        return None
    day = _date_of(item, boxes[:-1], today, partial=False)
    if isinstance(day, Refusal):
        return day
    if day is None:
        return refuse(item, f"enter the date, {_EXAMPLE}", "day")
    time = clock_time(boxes[-1])
    if time is None:
        return refuse(item, "enter the time as hours and minutes, for example 14:30", "time")
    return Cell(f"{day.iso}T{time}")


def clock_time(text: str) -> str | None:
    """Return a time of day as HH:MM; None when the text is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes = int(found[1]), int(found[2])
    return f"{hours:02d}:{minutes:02d}" if hours < 24 and minutes < 60 else None


def _split_time(texts: Sequence[str]) -> list[str]:
    if len(texts) > 1:
        return list(texts)
    text = texts[0] if texts else ""
    day, _, time = text.rpartition("T") if "T" in text[8:] else text.rpartition(" ")
    return [day, time]


def _date_of(
    item: DateLimits, texts: Sequence[str], today: date, *, partial: bool
) -> PartialDate | Refusal | None:
    boxes = _boxes(texts, today)
    if boxes is None:
        return refuse(item, f"enter day, month and year, {_EXAMPLE}", "day")
    if not any(boxes):
        return None
    read = _from_boxes(item, boxes, partial=partial)
    return read if isinstance(read, Refusal) else _within(item, read, today)


def _boxes(texts: Sequence[str], today: date) -> tuple[str, str, str] | None:
    """Return day, month and year; a text of another shape gives None."""
    if len(texts) == 3 and (texts[1] or texts[2]):
        return texts[0], texts[1], texts[2]
    text = texts[0] if texts else ""
    if text.lower() == "today":
        return str(today.day), str(today.month), f"{today.year:04d}"
    if not text:
        return "", "", ""
    # A whole date pasted into the day's box is read; a day alone there still lacks the others.
    return _boxes_of_text(text) if len(texts) == 1 or len(text) > 2 else (text, "", "")


def _boxes_of_text(text: str) -> tuple[str, str, str] | None:
    year_first = _YEAR_FIRST.fullmatch(text)
    if year_first:
        return year_first[3] or "uk", year_first[2], year_first[1]
    parts = [part.rstrip(",") for part in _SEPARATORS.split(text)]
    if len(parts) > 3 or not all(parts):
        return None
    day, month, year = ["uk"] * (3 - len(parts)) + parts
    return day, month, year


def _from_boxes(
    item: DateLimits, boxes: tuple[str, str, str], *, partial: bool
) -> PartialDate | Refusal:
    year = _year(item, boxes[2])
    if isinstance(year, Refusal):
        return year
    month = _month(item, boxes[1], partial=partial)
    if isinstance(month, Refusal):
        return month
    day = _day(item, boxes[0], partial=partial)
    if isinstance(day, Refusal):
        return day
    if day is not None and month is None:
        return refuse(item, "the day is given but the month is not; enter the month", "month")
    try:
        return partial_date(year, month, day)
    except NoSuchDate as problem:
        return refuse(item, f"{problem}.", "day")


def _year(item: DateLimits, text: str) -> int | Refusal:
    if _digits(text) and len(text) == 4:
        return int(text)
    if _digits(text) and len(text) == 2:
        return refuse(item, f"write the year in full: 19{text} or 20{text}?", "year")
    return refuse(item, f"enter a year of four figures, {_EXAMPLE}", "year")


def _month(item: DateLimits, text: str, *, partial: bool) -> int | Refusal | None:
    if text.lower() in _UNKNOWN:
        return None if partial else _needs_all(item, "month")
    if _digits(text) and len(text) <= 2:
        return int(text)
    number = _MONTH_NUMBERS.get(text.lower())
    return number or refuse(item, "enter the month as a number or a name, 3 or mar", "month")


def _day(item: DateLimits, text: str, *, partial: bool) -> int | Refusal | None:
    if text.lower() in _UNKNOWN:
        return None if partial else _needs_all(item, "day")
    if _digits(text) and len(text) <= 2:
        return int(text)
    unknown = ", or UK when it is not known" if partial else ""
    return refuse(item, f"enter the day as a number{unknown}", "day")


def _needs_all(item: DateLimits, part: str) -> Refusal:
    return refuse(
        item, f"the whole date is needed, {_EXAMPLE}; the {part} cannot be left out", part
    )


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _within(item: DateLimits, read: PartialDate, today: date) -> PartialDate | Refusal:
    if read.latest < item.earliest:
        first = PartialDate(item.earliest.year, item.earliest.month, item.earliest.day).words
        return refuse(item, f"{read.words} is before {first}, the earliest possible", "year")
    if not item.future and read.earliest > today:
        return refuse(item, f"{read.words} is in the future", "day")
    return read
