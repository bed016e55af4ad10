"""Records each download of the trail in the ledger, with its filters and last position."""

from __future__ import annotations

from datetime import date

from capture.access import Action
from capture.ledger.fold import LedgerRow
from capture.ledger.service import Transaction
from capture.oversight.reads import TrailFilters, get_last_position

TEXTS = ("person", "number", "action", "item")
DATES = ("first", "last")


def take_trail_away(tx: Transaction, study: str, filters: TrailFilters) -> str:
    """Record a download of the filtered trail, up to the last sealed position.

    Returns the id of the ledger row, by which the download is fetched. Raises NotAllowed.
    """
    act = tx.about("study", study=study).require(Action.AUDIT_EXPORT)
    asked = {name: getattr(filters, name) for name in TEXTS if getattr(filters, name)}
    days = {name: day.isoformat() for name in DATES if (day := getattr(filters, name))}
    position = get_last_position(tx.connection, study)
    fact = act.record(Action.AUDIT_EXPORT, {**asked, **days, "position": position})
    return fact.id


def read_filters(fact: LedgerRow) -> tuple[TrailFilters, int]:
    """Return the filters and the last position of a recorded download."""
    first, last = (date.fromisoformat(day) if (day := fact.new(name)) else None for name in DATES)
    person, number, action, item = (str(fact.new(name, "")) for name in TEXTS)
    return TrailFilters(person, number, action, item, first, last), int(fact.new("position"))
