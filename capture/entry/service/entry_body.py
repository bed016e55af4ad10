"""The part of a ledger body that says which entry an act is about, and what its visit shows."""

from __future__ import annotations

from typing import Any

from capture.entry.reads import COMPLETE, IN_PROGRESS, NOT_DONE, list_statuses_at
from capture.entry.service.entry_location import EntryLocation, count_days_late
from capture.ledger.service import Transaction


def make_location_body(
    tx: Transaction, location: EntryLocation, entry_id: str, status: str, *, site: str = ""
) -> dict[str, Any]:
    """The part of a ledger body that identifies the entry, and what its visit shows of it.

    site: where the entry was begun, which a move of the person does not change; "" for a new one.
    """
    key = location.key
    others = {key.instance: status}
    if location.instrument.log or location.instrument.repeats:
        others = {**list_statuses_at(tx.connection, location.person.id, key), **others}
    return {
        "id": entry_id,
        "site": site or location.person.site,
        "visit": location.visit_id,
        "visit_slug": key.visit,
        "occurrence": key.occurrence,
        "instrument": key.instrument,
        "instance": key.instance,
        "form_status": combine_statuses(set(others.values())),
        "instances": len(others),
        **({} if site else {"days_late": count_days_late(tx.connection, location)}),
    }


def combine_statuses(statuses: set[str]) -> str:
    """The status of a form, from the statuses of its instances."""
    if statuses == {NOT_DONE}:
        return NOT_DONE
    return COMPLETE if statuses <= {COMPLETE, NOT_DONE} else IN_PROGRESS
