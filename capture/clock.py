"""The only reader of the clock; instants are UTC text of one width, so text order is time order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from forms.partial_dates import parse_iso

_set: ContextVar[datetime | None] = ContextVar("sarcomere_clock", default=None)


def now() -> datetime:
    """Return the server's time in UTC, or the rehearsal's."""
    return _set.get() or datetime.now(UTC)


def instant() -> str:
    """Now as text, for example 2026-03-01T09:00:00.000000Z."""
    return as_text(now())


def as_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def today(zone: str) -> date:
    """Today's date where the zone's clock hangs (a site's IANA zone)."""
    return now().astimezone(ZoneInfo(zone)).date()


def local_date(text: str, zone: str) -> date:
    """Return the calendar date of an instant in a zone."""
    return from_text(text).astimezone(ZoneInfo(zone)).date()


@contextmanager
def running_at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at one moment: rehearsals and tests."""
    token = _set.set(moment)
    try:
        yield
    finally:
        _set.reset(token)


def day_words(iso: str | None) -> str:
    """Return an ISO date as people read it, 3 March 2026; nothing when there is none."""
    return parse_iso(iso).words if iso else ""
