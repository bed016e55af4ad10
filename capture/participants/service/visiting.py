"""Actions on one visit: add an unscheduled one, book an appointment, mark it as not done."""

from __future__ import annotations

import re
from datetime import datetime

from capture import clock, ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.records import TIME_TO_FILL_IN, Participant, Visit, VisitStatus
from capture.participants.service.dates import refuse_before, refuse_future
from capture.participants.service.locking import lock, refuse_after_end
from capture.problems import InvalidInput, Refused
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?")


def add_visit(tx: Transaction, study: str, pid: str, *, slug: str, date: str) -> Visit:
    """Add an unscheduled visit that took place on a day (ISO); its forms can then be entered.

    Raises NotFound, NotAllowed, InvalidInput (slug, date), Refused (after death or withdrawal).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.VISIT_ADD)
    definition = study_reads.get_definition_for(tx.connection, study, person.site)
    kind = next((v for v in definition.visits if v.slug == slug and v.unscheduled), None)
    if kind is None:
        raise InvalidInput("slug", "Choose the kind of visit.")
    day = refuse_future(tx, study, person.site, "date", date)
    refuse_before("date", day, person.screened_on, "the screening")
    refuse_after_end(tx, person, date)
    occurrence = 1 + reads.get_last_occurrence(tx.connection, pid, slug)
    today = reads.get_today_at(tx.connection, study, person.site)
    visit_id = ids.new_id()
    row = {
        "id": visit_id,
        "slug": slug,
        "occurrence": occurrence,
        "target_date": date,
        "earliest": date,
        "latest": max(date, (today + TIME_TO_FILL_IN).isoformat()),
        "anchor": None,
        "planned": False,
        "status": VisitStatus.PLANNED.value,
        "instruments": list(kind.instruments),
    }
    act.record(Action.VISIT_ADD, {f"{slug}.{occurrence}": row}, occurred_at=date)
    return reads.get_visit(tx.connection, pid, visit_id)


def appoint(tx: Transaction, study: str, pid: str, visit_id: str, appointment: str) -> Visit:
    """Record the day, or day and time at the site (`2026-04-03T14:30`), of an appointment.

    An empty text cancels the appointment.
    Raises NotFound, NotAllowed, InvalidInput (appointment), Refused (visit done, or after the end).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.VISIT_BOOK)
    visit = reads.get_visit(tx.connection, pid, visit_id)
    if visit.status != VisitStatus.PLANNED:
        raise Refused("This visit needs no appointment any more.")
    if appointment:
        _check_appointment(tx, person, appointment)
    body = {"id": visit_id, "appointment": Change(visit.appointment, appointment or None)}
    act.record(Action.VISIT_BOOK, body, occurred_at=clock.instant())
    return reads.get_visit(tx.connection, pid, visit_id)


def _check_appointment(tx: Transaction, person: Participant, appointment: str) -> None:
    day = appointment[:10]
    try:
        datetime.fromisoformat(appointment)
    except ValueError as problem:
        raise InvalidInput("appointment", "Enter the day of the appointment.") from problem
    if not _MOMENT.fullmatch(appointment):
        raise InvalidInput("appointment", "Enter the day, and the time as hours and minutes.")
    if day < reads.get_today_at(tx.connection, person.study, person.site).isoformat():
        raise InvalidInput("appointment", "The appointment is in the past.")
    refuse_after_end(tx, person, day)


def not_do_visit(tx: Transaction, study: str, pid: str, visit_id: str, *, reason: str) -> Visit:
    """Mark a whole visit as not done, with a reason; entering one of its forms takes this back.

    Raises NotFound, NotAllowed, InvalidInput (reason), Refused (something was entered).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.VISIT_MARK_MISSED)
    visit = reads.get_visit(tx.connection, pid, visit_id)
    if not reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")
    if visit.status != VisitStatus.PLANNED:
        words = (
            "is marked so already"
            if visit.status == VisitStatus.NOT_DONE
            else ("has forms with data; mark each form that was not done instead")
        )
        raise Refused(f"This visit {words}.")
    body = {
        "id": visit_id,
        "status": Change(visit.status.value, VisitStatus.NOT_DONE.value),
        "reason": reason.strip(),
    }
    why = reason.strip()
    act.record(Action.VISIT_MARK_MISSED, body, reason=why, occurred_at=clock.instant())
    return reads.get_visit(tx.connection, pid, visit_id)
