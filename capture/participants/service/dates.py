"""Checks dates of actions: not in the future, not before the events they follow."""

from __future__ import annotations

from capture.ledger.service import Transaction
from capture.participants import reads
from capture.problems import InvalidInput
from forms.partial_dates import NoSuchDate, PartialDate, parse_iso


def refuse_future(
    tx: Transaction, study: str, site: str, field: str, iso: str, *, partial: bool = False
) -> PartialDate:
    """Parse an ISO date; InvalidInput when it is invalid, not whole, or after today at the site."""
    try:
        read = parse_iso(iso)
    except NoSuchDate as problem:
        raise InvalidInput(field, f"Enter the date: {problem}.") from problem
    if not (partial or read.is_full):
        raise InvalidInput(field, "Enter the whole date: day, month and year.")
    today = reads.get_today_at(tx.connection, study, site)
    if read.earliest > today:
        raise InvalidInput(field, f"{read.words} is in the future.")
    return read


def refuse_before(field: str, date: PartialDate, first: str, what: str) -> None:
    """Refuse a date that lies before another (ISO), which `what` names."""
    earlier = parse_iso(first)
    if date.latest < earlier.earliest:
        raise InvalidInput(field, f"{date.words} is before {what} ({earlier.words}).")
