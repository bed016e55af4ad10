"""Entries and allocations put straight on the ledger, for tests of what datasets say of them."""

from __future__ import annotations

from typing import Any

from capture import ids
from capture.access import SYSTEM_ACTOR, Action
from capture.export.service import ExportKeys
from capture.ledger.fold import Change
from capture.participants import reads as participants
from capture.participants.records import Participant
from tests.support.trial import NURSE, Trial

SIGNING = b"\x02" * 32


def make_keys(trial: Trial) -> ExportKeys:
    return ExportKeys(trial.database, trial.concealment, SIGNING)


def make_entry(
    trial: Trial,
    person: Participant,
    instrument: str,
    cells: dict[str, dict[str, Any]],
    *,
    visit: str = "log",
    occurrence: int = 1,
    instance: int = 1,
    assessed: str | None = None,
    status: str = "complete",
    hidden: tuple[str, ...] = (),
) -> str:
    """Save an entry as the entry service's fact does; gives its id."""
    entry = ids.new_id()
    with trial.database.reading() as connection:
        visits = participants.list_visits(connection, person.id)
    found = [v.id for v in visits if (v.slug, v.occurrence) == (visit, occurrence)]
    body = {
        "id": entry,
        "site": person.site,
        "visit": found[0] if found else None,
        "visit_slug": visit,
        "occurrence": occurrence,
        "instrument": instrument,
        "instance": instance,
        "version": 1,
        "status": status,
        "assessment_date": assessed,
        "completed_at": None,
        "flags": list(hidden),
        "form_status": status,
        "instances": 1,
        "visit_date": assessed,
        **{f"item:{name}": Change(None, cell) for name, cell in cells.items()},
    }
    _record(trial, Action.ENTRY_SAVE, person, body)
    return entry


def correct_entry(
    trial: Trial, person: Participant, entry: dict[str, Any], **cells: tuple[Any, Any]
) -> None:
    """Change cells of an entry. entry: its row; cells: item to (old cell, new cell)."""
    kept = ("id", "site", "visit", "visit_slug", "occurrence", "instrument", "instance", "status")
    body = {
        **{name: entry[name] for name in kept},
        "version": entry["version"] + 1,
        "assessment_date": entry["assessment_date"],
        "completed_at": entry["completed_at"],
        "flags": entry["flags"],
        "form_status": entry["status"],
        "instances": 1,
        "visit_date": entry["assessment_date"],
        **{f"item:{name}": Change(old, new) for name, (old, new) in cells.items()},
    }
    _record(trial, Action.ENTRY_SAVE, person, body)


def make_allocation(
    trial: Trial, person: Participant, arm: str, *, number: int = 1, **levels: str
) -> None:
    """Put an allocation on record as the randomisation's fact does, and plan what follows."""
    used = {"tumour_site": "gastric", "rupture": "intact", "country": "gb", **levels}
    body = {
        "id": ids.new_id(),
        "site": person.site,
        "randomisation": "duration",
        "number": number,
        "arm": arm,
        "design_version": 1,
        "list_name": "list",
        "list_position": number,
        "levels": used,
        "gate": [],
        "confirmation": None,
        "local_date": trial.today,
        "allocated_at": None,
        "allocated_by": None,
        "request": ids.new_id(),
    }
    _record(trial, Action.RANDOMISATION_ALLOCATE, person, body)
    trial.allocate(person, arm)


def _record(trial: Trial, action: Action, person: Participant, body: dict[str, Any]) -> None:
    actor = SYSTEM_ACTOR if action is Action.RANDOMISATION_ALLOCATE else NURSE
    with trial.acting(actor) as tx:
        tx.about(person, role="nurse", study_version=1).record(action, body)
