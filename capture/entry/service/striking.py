"""Strikes out a form entered in error, with a reason, and reinstates it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capture import ids
from capture.access import Action
from capture.entry.reads import (
    NOT_DONE,
    Entry,
    StruckRow,
    find_entry,
    find_entry_at,
    get_struck,
    list_entries,
)
from capture.entry.service.drafts import drop_drafts
from capture.entry.service.entry_body import combine_statuses, make_location_body
from capture.entry.service.entry_location import EntryLocation, get_location
from capture.entry.service.saving import follow_place, refuse_stale
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.participants import service as participants
from capture.problems import InvalidInput, NotFound, Refused
from capture.queries import reads as query_reads
from capture.queries import service as queries
from forms.definition import Study
from forms.evaluation_scope import Place

TAKEN = (
    "Another form was entered in its place since. Mark that one as entered in error first, or "
    "leave things as they are."
)


def strike_entry(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant_id: str,
    entry_id: str,
    *,
    version: int,
    reason: str,
    beside: Mapping[str, Any] | None = None,
) -> Entry:
    """Mark a form as entered in error: it no longer counts anywhere, and its place is blank.

    version: what the person looked at. Nothing is erased: the ledger keeps every value, and the
    struck entry can be reinstated. Its events are taken back; visits and derived items follow.
    beside: what else the ledger row says.
    Raises NotFound, NotAllowed, InvalidInput (reason), Stale.
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = tx.about(person, study_version=study_version).require(Action.ENTRY_MARK_IN_ERROR)
    before = find_entry(tx.connection, entry_id)
    if before is None or before.participant != person.id:
        raise NotFound("There is no such form any more. Go back to the participant's page.")
    refuse_stale(before, version)
    why = require_reason(reason)
    location = get_location(tx.connection, study, person, before.key)
    close_queries(act, location, before, reason=why)
    body = {**_make_body(tx, location, before), **(beside or {})}
    act.record(Action.ENTRY_MARK_IN_ERROR, body, reason=why)
    drop_drafts(tx, person, before.key)
    follow_place(act, location, entry_id=before.id, reason=why, was=before.cells)
    return before


def require_reason(reason: str) -> str:
    """Return the reason of a correction without outer spaces. Raises InvalidInput without one."""
    if not reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")
    return reason.strip()


def close_queries(act: BoundAct, location: EntryLocation, before: Entry, *, reason: str) -> None:
    """Close what was asked about an entry that is about to count no more."""
    asked = queries.QueryRequest(act, location.visit_id, before.id)
    known = query_reads.list_queries(act.tx.connection, before.id)
    queries.close_queries(asked, known, f"{query_reads.IN_ERROR}: {reason}")


def _make_body(tx: Transaction, location: EntryLocation, before: Entry) -> dict[str, Any]:
    """The ledger body: the place, and what its visit shows of the entries left there."""
    left = [
        entry
        for entry in list_entries(tx.connection, location.person.id).values()
        if entry != before
    ]
    same = [entry for entry in left if _get_place(entry.key) == _get_place(before.key)]
    dated = [
        entry
        for entry in left
        if before.visit and entry.visit == before.visit and _find_visit_day(entry)
    ]
    last = max(dated, key=lambda entry: (entry.saved_at, entry.id), default=None)
    return {
        "id": before.id,
        "entered_in_error": ids.new_id(),
        "site": before.site,
        "visit": before.visit,
        "visit_slug": before.key.visit,
        "occurrence": before.key.occurrence,
        "instrument": before.key.instrument,
        "instance": before.key.instance,
        "version": before.version,
        "form_status": combine_statuses({entry.status for entry in same}) if same else None,
        "instances": len(same),
        "visit_date": _find_visit_day(last) if last else None,
    }


def _get_place(key: Place) -> tuple[str, int, str]:
    return key.visit, key.occurrence, key.instrument


def _find_visit_day(entry: Entry) -> str | None:
    """The whole date on which the entry's visit took place, where it says one."""
    day = entry.assessment_date
    return day if day and len(day) == 10 and entry.status != NOT_DONE else None


def reinstate_entry(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant_id: str,
    struck_id: str,
    *,
    reason: str,
) -> StruckRow:
    """Reinstate a struck form. Its values are evaluated again.

    Raises NotFound, NotAllowed, InvalidInput (reason), Refused (its place was filled since, or its
    visit is gone).
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = tx.about(person, study_version=study_version).require(Action.ENTRY_REINSTATE)
    struck = get_struck(tx.connection, person.id, struck_id)
    if struck.kind != "entry":
        raise NotFound("This is not a form. Go back to the participant's page.")
    why = require_reason(reason)
    (entry,) = struck.entries
    location = get_location(tx.connection, study, person, entry.key)
    if find_entry_at(tx.connection, person.id, entry.key) is not None:
        raise Refused(TAKEN)
    body = make_location_body(tx, location, entry.id, entry.status, site=entry.site)
    act.record(
        Action.ENTRY_REINSTATE,
        {**body, "entered_in_error": struck_id, "visit_date": Change(None, _find_visit_day(entry))},
        reason=why,
    )
    follow_place(act, location, entry_id=entry.id, reason=why, was={})
    return struck
