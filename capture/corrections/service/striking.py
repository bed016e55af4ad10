"""Strikes out a visit or a participant entered in error, with a reason, and reinstates it."""

from __future__ import annotations

from typing import Any

from capture import ids
from capture.access import Action
from capture.entry import reads as entries
from capture.entry.reads import Entry, StruckRow
from capture.entry.service import (
    EntryLocation,
    close_queries,
    drop_drafts,
    follow_place,
    get_location,
    require_reason,
)
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.records import Participant, Status, Visit, VisitStatus
from capture.problems import NotFound, Refused
from capture.study.service.acts import bind_act
from forms.definition import Study

ALLOCATED = (
    "{number} is randomised, so the participant stays in every dataset and cannot be marked as "
    "entered in error. Note it as randomised in error instead: open the allocation on the "
    "participant's page. A form that is wrong can still be marked by itself."
)


def strike_visit(
    tx: Transaction, study: Study, participant_id: str, visit_id: str, *, reason: str
) -> Visit:
    """Mark a visit as entered in error with all its forms.

    A planned visit stays and waits for the right forms; an unscheduled one is gone until it is
    reinstated. Raises NotFound, NotAllowed, InvalidInput (reason), Refused (nothing was entered).
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = bind_act(tx, person).require(Action.VISIT_MARK_IN_ERROR)
    visit = people.get_visit(tx.connection, person.id, visit_id)
    why = require_reason(reason)
    if visit.planned and not visit.is_touched:
        raise Refused("This visit has no data. The visit schedule sets its date.")
    if visit.status == VisitStatus.VOID:
        raise Refused("This visit is already marked as entered in error.")
    mine = _list_locations(tx, study, person, visit)
    for location, entry in mine:
        close_queries(act, location, entry, reason=why)
    left = VisitStatus.PLANNED if visit.planned else VisitStatus.VOID
    body = {**_make_place_body(visit), "entered_in_error": ids.new_id(), "site": visit.site}
    body["status"] = Change(visit.status.value, left.value)
    act.record(Action.VISIT_MARK_IN_ERROR, body, reason=why)
    for _spot, entry in mine:
        drop_drafts(tx, person, entry.key)
    _follow_locations(act, mine, reason=why, is_back=False)
    participants.plan_visits(tx, participants.lock(tx, study.slug, person.id))
    return visit


def _list_locations(
    tx: Transaction, study: Study, person: Participant, visit: Visit
) -> list[tuple[EntryLocation, Entry]]:
    mine = [
        entry
        for entry in entries.list_entries(tx.connection, person.id).values()
        if entry.visit == visit.id
    ]
    return [(get_location(tx.connection, study, person, entry.key), entry) for entry in mine]


def _follow_locations(
    act: BoundAct, mine: list[tuple[EntryLocation, Entry]], *, reason: str, is_back: bool
) -> None:
    for location, entry in mine:
        was = {} if is_back else entry.cells
        follow_place(act, location, entry_id=entry.id, reason=reason, was=was)


def _make_place_body(visit: Visit) -> dict[str, Any]:
    return {"id": visit.id, "visit_slug": visit.slug, "occurrence": visit.occurrence}


def strike_participant(
    tx: Transaction, study: Study, participant_id: str, *, reason: str
) -> Participant:
    """Mark a whole participant as entered in error: no longer counted, listed or exported.

    The numbers are never given to anybody else. An allocated participant cannot be struck out.
    Raises NotFound, NotAllowed, InvalidInput (reason), Refused (allocated, or marked already).
    """
    person = participants.lock(tx, study.slug, participant_id)
    act = bind_act(tx, person).require(Action.PARTICIPANT_MARK_IN_ERROR)
    why = require_reason(reason)
    facts = people.list_events(tx.connection, person.id)
    if any(fact.kind.startswith(("allocation.", "dose.")) for fact in facts):
        raise Refused(ALLOCATED.format(number=person.number))
    for entry in entries.list_entries(tx.connection, person.id).values():
        location = EntryLocation(
            study, person, entry.key, study.instrument(entry.key.instrument), None
        )
        close_queries(act, location, entry, reason=why)
    drop_drafts(tx, person)
    body: dict[str, Any] = {"id": person.id, "entered_in_error": ids.new_id(), "site": person.site}
    body["status"] = Change(person.status.value, Status.IN_ERROR.value)
    act.record(Action.PARTICIPANT_MARK_IN_ERROR, body, reason=why)
    return person


def reinstate(
    tx: Transaction, study: Study, participant_id: str, struck_id: str, *, reason: str
) -> StruckRow:
    """Reinstate a visit or a participant that was marked as entered in error.

    Raises NotFound, NotAllowed, InvalidInput (reason), Refused (other forms were entered since).
    """
    person = participants.lock(tx, study.slug, participant_id, also_in_error=True)
    struck = entries.get_struck(tx.connection, person.id, struck_id)
    why = require_reason(reason)
    if struck.kind == "participant":
        _reinstate_person(tx, person, struck, why)
    elif struck.kind == "visit":
        _reinstate_visit(tx, study, participants.lock(tx, study.slug, person.id), struck, why)
    else:
        raise NotFound("This is a form. Go back to the participant's page.")
    participants.plan_visits(tx, participants.lock(tx, study.slug, person.id))
    return struck


def _reinstate_person(tx: Transaction, person: Participant, struck: StruckRow, reason: str) -> None:
    act = bind_act(tx, person).require(Action.PARTICIPANT_REINSTATE)
    (was,) = struck.content["participant"]
    body: dict[str, Any] = {"id": person.id, "entered_in_error": struck.id}
    body["status"] = Change(person.status.value, was["status"])
    act.record(Action.PARTICIPANT_REINSTATE, body, reason=reason)


def _reinstate_visit(
    tx: Transaction, study: Study, person: Participant, struck: StruckRow, reason: str
) -> None:
    act = bind_act(tx, person).require(Action.VISIT_REINSTATE)
    now = people.get_visit(tx.connection, person.id, struck.about)
    if now.is_touched:
        raise Refused(
            "Data have been entered for this visit since. Mark them as entered in error first, or "
            "leave this visit as it is."
        )
    (was,) = struck.content["visit"]
    body = {
        **_make_place_body(now),
        "entered_in_error": struck.id,
        "status": Change(now.status.value, was["status"]),
    }
    act.record(Action.VISIT_REINSTATE, body, reason=reason)
    mine = _list_locations(tx, study, person, people.get_visit(tx.connection, person.id, now.id))
    _follow_locations(act, mine, reason=reason, is_back=True)
