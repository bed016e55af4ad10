"""The parameters of an export request: formats, instant, cut-off date, read from text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from capture import clock
from capture.problems import InvalidInput

CSV, PARQUET = "csv", "parquet"
FORMATS = {CSV: "CSV", PARQUET: "Parquet"}
"""The formats of datasets, in the order of the page, and what each is called there."""


@dataclass(frozen=True)
class ExportRequest:
    """One request for datasets, as typed.

    formats: names with commas. as_of: an instant or a date; now when empty. cutoff: a date.
    identifying: why identifying items are needed; they stay out when it is empty.
    """

    study: str
    formats: str = CSV
    as_of: str = ""
    cutoff: str = ""
    identifying: str = ""


def read_formats(text: str) -> tuple[str, ...]:
    """Read `csv`, `parquet` or both with a comma. Raises InvalidInput naming any other."""
    names = {part.strip().lower() for part in text.split(",")} - {""}
    if not names:
        raise InvalidInput("formats", f"Name a format: {' or '.join(FORMATS)}, or both.")
    for name in sorted(names.difference(FORMATS)):
        raise InvalidInput(
            "formats", f"{name[:40]!r} is not a format we write. Choose {' or '.join(FORMATS)}."
        )
    return tuple(name for name in FORMATS if name in names)


def read_moment(text: str, zone: str) -> str | None:
    """The instant (UTC text) that a typed instant or date means; None when nothing was typed.

    A bare date means the end of that day in the study's zone. The future raises InvalidInput.
    """
    text = text.strip()
    if not text:
        return None
    moment = _read_end_of_day(text, zone) if len(text) <= 10 else _read_instant(text)
    if moment > clock.now():
        raise InvalidInput(
            "as_of",
            f"{text[:40]} is in the future: a dataset is made as of the past only. A date means "
            "the end of that day; leave it empty for everything known now.",
        )
    return clock.as_text(moment)


def read_cutoff(text: str) -> date | None:
    """The last day whose events are wanted; None when nothing was typed. Raises InvalidInput."""
    return _read_date("cutoff", text.strip()) if text.strip() else None


def _read_end_of_day(text: str, zone: str) -> datetime:
    day = _read_date("as_of", text)
    if day == date.max:
        raise InvalidInput("as_of", f"{text} is in the future.")
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def _read_date(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
        if day.isoformat() != text:  # Python reads weeks (2024-W05-1) as well
            raise ValueError
        return day
    except ValueError as problem:
        raise InvalidInput(
            field, f"{text[:40]!r} is not a date such as 2026-03-01. Write year, month and day."
        ) from problem


def _read_instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(
        "as_of",
        f"{text[:40]!r} is not an instant such as 2026-03-01T09:00:00Z or "
        "2026-03-01T10:00:00+01:00; the zone is part of it. A date alone is taken too.",
    )
