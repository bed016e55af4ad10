"""Pages of single visits: their forms, appointments, visits not done, unscheduled ones."""

from __future__ import annotations

from typing import cast

from flask import Response, redirect, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import reads, service
from capture.participants.presenters.available_actions import ANY, ENROLLED, offer
from capture.participants.presenters.links import (
    person_url,
    put_right_url,
    visit_title,
    visit_url,
    work_url,
)
from capture.participants.presenters.person_pages import (
    banner,
    definition,
    do_person_act,
    make_form,
    require_person,
    viewer,
)
from capture.participants.reads.people import NO_SUCH_VISIT
from capture.participants.records import Flag, Participant, Visit, VisitStatus
from capture.participants.views.blueprint import bp, render
from capture.participants.views.forms import AddVisitForm, AppointForm, NotDoneForm
from capture.participants.views.person import appointment_words, list_form_tasks
from capture.participants.visit_status import TAGS, get_standing, window_words
from capture.problems import NotFound
from capture.web.act_forms import options
from capture.web.act_pages import ActPage
from capture.web.page_data import SummaryRow
from capture.web.perform import Answer, actor, keeps_typing, reading
from forms.partial_dates import parse_iso


@bp.get("/<pid>/visits/<visit_id>")
@allow(Action.PARTICIPANT_VIEW)
def visit(study: str, pid: str, visit_id: str) -> str:
    """The forms of one visit and its details."""
    person = require_person(study, pid, Action.PARTICIPANT_VIEW)
    shown = _get_visit(person, visit_id)
    is_open = shown.status == VisitStatus.PLANNED
    may = actor().may
    return render(
        "visit.html",
        banner=banner(person),
        back_url=person_url(person),
        title=visit_title(definition(person), shown),
        rows=_list_summary(person, shown),
        in_error_url=put_right_url(person, "visits", shown.id)
        if (shown.is_touched or not shown.planned)
        and may(Action.VISIT_MARK_IN_ERROR, study, person.site)
        else None,
        tasks=list_form_tasks(definition(person), person, shown),
        appoint_url=_act_url(shown, "appoint", person)
        if is_open and may(Action.VISIT_BOOK, study, person.site)
        else None,
        not_done_url=_act_url(shown, "not_do", person)
        if is_open and may(Action.VISIT_MARK_MISSED, study, person.site)
        else None,
    )


@bp.get("/<pid>/to/<visit_slug>/<int(max=999999):occurrence>")
@allow(Action.PARTICIPANT_VIEW)
def work(study: str, pid: str, visit_slug: str, occurrence: int) -> Response:
    """Redirect to the form or page of a visit, so that the list has short addresses."""
    person = require_person(study, pid, Action.PARTICIPANT_VIEW)
    visit = reads.get_visit_at(reading(), person.id, visit_slug, occurrence)
    return cast(Response, redirect(work_url(person, _require_shown(person, visit))))


def _get_visit(person: Participant, visit_id: str) -> Visit:
    """Return a visit that the reader may be shown. Raises NotFound."""
    return _require_shown(person, reads.get_visit(reading(), person.id, visit_id))


def _require_shown(person: Participant, visit: Visit) -> Visit:
    for shown in viewer(person).shown_visits([visit]):
        return shown
    raise NotFound(NO_SUCH_VISIT)


def _act_url(visit: Visit, endpoint: str, person: Participant) -> str:
    return url_for(f".{endpoint}", study=person.study, pid=person.id, visit_id=visit.id)


def _list_summary(person: Participant, visit: Visit) -> list[SummaryRow]:
    today = reads.get_today_at(reading(), person.study, person.site)
    void = visit.status == VisitStatus.VOID
    status = "Cancelled" if void else TAGS[get_standing(visit, today)].text
    rows = [SummaryRow("Status", status), SummaryRow("Visit window", window_words(visit))]
    if visit.target_date and visit.planned:
        rows.append(SummaryRow("Target date", parse_iso(visit.target_date).words))
    if visit.appointment:
        rows.append(SummaryRow("Appointment", appointment_words(visit.appointment)))
    if visit.visit_date:
        rows.append(SummaryRow("Visit date", parse_iso(visit.visit_date).words))
    if visit.flag:
        rows.append(SummaryRow("Check", Flag(visit.flag).words))
    if visit.reason:
        rows.append(SummaryRow("Reason for missed visit", visit.reason))
    return rows


@bp.route("/<pid>/visits/add", methods=["GET", "POST"])
@offer("Add an unscheduled visit", ENROLLED, ANY)
@allow(Action.VISIT_ADD)
@keeps_typing
def add_visit(study: str, pid: str) -> Response:
    """Add a visit that nobody planned."""
    person = require_person(study, pid, Action.VISIT_ADD)
    form = make_form(AddVisitForm, person)
    visits = definition(person).visits
    form.slug.choices = options({visit.slug: visit.title for visit in visits if visit.unscheduled})
    page = ActPage("Add an unscheduled visit", "Add visit")

    def act(tx: Transaction) -> Answer:
        added = service.add_visit(tx, study, pid, slug=form.text("slug"), date=form.text("date"))
        return Answer(visit_url(person, added), "The visit is added. Complete its forms here.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/visits/<visit_id>/appointment", methods=["GET", "POST"])
@allow(Action.VISIT_BOOK)
@keeps_typing
def appoint(study: str, pid: str, visit_id: str) -> Response:
    """Book a day for a visit, or take the booking back."""
    person = require_person(study, pid, Action.VISIT_BOOK)
    visit = _get_visit(person, visit_id)
    day, _, time = (visit.appointment or "").partition("T")
    form = make_form(AppointForm, person, date=day, time=time)
    title = visit_title(definition(person), visit)
    page = ActPage(f"Book appointment: {title}", "Book appointment", (window_words(visit),))

    def act(tx: Transaction) -> Answer:
        parts = [form.text("date"), form.text("time")]
        booked = service.appoint(tx, study, pid, visit_id, "T".join(part for part in parts if part))
        words = (
            "The appointment is booked." if booked.appointment else "The appointment is cancelled."
        )
        return Answer(visit_url(person, booked), words)

    return do_person_act(person, page, form, act, back_url=visit_url(person, visit))


@bp.route("/<pid>/visits/<visit_id>/not-done", methods=["GET", "POST"])
@allow(Action.VISIT_MARK_MISSED)
@keeps_typing
def not_do(study: str, pid: str, visit_id: str) -> Response:
    """Mark a whole visit as not done."""
    person = require_person(study, pid, Action.VISIT_MARK_MISSED)
    visit = _get_visit(person, visit_id)
    form = make_form(NotDoneForm, person)
    title = visit_title(definition(person), visit)
    page = ActPage(f"Missed visit: {title}", "Record missed visit", (window_words(visit),))

    def act(tx: Transaction) -> Answer:
        service.not_do_visit(tx, study, pid, visit_id, reason=form.text("reason"))
        return Answer(person_url(person), f"{title} is recorded as missed.")

    return do_person_act(person, page, form, act, back_url=visit_url(person, visit))
