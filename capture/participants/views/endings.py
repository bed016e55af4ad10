"""Pages of how taking part ends or pauses: withdrawal, death, loss, return, correction."""

from __future__ import annotations

from flask import Response

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import event_kinds, reads, service
from capture.participants.event_kinds import event_title
from capture.participants.presenters.available_actions import ANY, ENROLLED, TAKING_PART, offer
from capture.participants.presenters.links import person_url
from capture.participants.presenters.person_pages import (
    definition,
    do_person_act,
    make_form,
    require_person,
    viewer,
)
from capture.participants.records import Participant, Participation
from capture.participants.views.blueprint import bp
from capture.participants.views.forms import (
    DeathForm,
    LossForm,
    ReturnForm,
    UndoForm,
    WithdrawForm,
)
from capture.web.act_pages import ActPage
from capture.web.perform import Answer, keeps_typing, reading
from forms.partial_dates import parse_iso

CONTACT = "Contact re-established"


@bp.route("/<pid>/withdraw", methods=["GET", "POST"])
@offer("Record a withdrawal", ENROLLED, TAKING_PART)
@allow(Action.PARTICIPANT_WITHDRAW)
@keeps_typing
def withdraw(study: str, pid: str) -> Response:
    """Record what somebody withdraws from."""
    person = require_person(study, pid, Action.PARTICIPANT_WITHDRAW)
    form = make_form(WithdrawForm, person)
    page = ActPage(
        "Record a withdrawal",
        "Record withdrawal",
        (
            "After withdrawal from study treatment, follow-up visits stay due. After withdrawal "
            "from follow-up visits or further data collection, later visits are cancelled.",
        ),
        is_grave=True,
    )

    def act(tx: Transaction) -> Answer:
        said = service.Withdrawal(
            form.text("kind"), form.text("date"), form.text("asked_by"), form.text("reason")
        )
        service.withdraw(tx, study, pid, said)
        return Answer(person_url(person), "The withdrawal is recorded.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/death", methods=["GET", "POST"])
@offer("Record a death", ENROLLED, ANY)
@allow(Action.PARTICIPANT_RECORD_DEATH)
@keeps_typing
def death(study: str, pid: str) -> Response:
    """Record a death, or correct its date."""
    person = require_person(study, pid, Action.PARTICIPANT_RECORD_DEATH)
    form = make_form(DeathForm, person)
    page = ActPage(
        "Record a death",
        "Record death",
        ("Later visits are cancelled. You can still enter data for earlier visits.",),
        is_grave=True,
    )

    def act(tx: Transaction) -> Answer:
        service.die(tx, study, pid, date=form.text("date"), reason=form.text("reason"))
        return Answer(person_url(person), "The death is recorded.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/loss", methods=["GET", "POST"])
@offer("Record lost to follow-up", ENROLLED, frozenset({Participation.ON_STUDY}))
@allow(Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP)
@keeps_typing
def loss(study: str, pid: str) -> Response:
    """Record that the person is lost to follow-up."""
    person = require_person(study, pid, Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP)
    form = make_form(LossForm, person)
    page = ActPage(
        "Lost to follow-up",
        "Record lost to follow-up",
        ("Visits after the last contact are on hold until contact is re-established.",),
        is_grave=True,
    )

    def act(tx: Transaction) -> Answer:
        service.lose(tx, study, pid, date=form.text("date"), reason=form.text("reason"))
        return Answer(person_url(person), "The participant is recorded as lost to follow-up.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/return", methods=["GET", "POST"])
@offer("Record contact re-established", ENROLLED, frozenset({Participation.LOST}))
@allow(Action.PARTICIPANT_RETURN)
@keeps_typing
def come_back(study: str, pid: str) -> Response:
    """Record that somebody lost to follow-up came back."""
    person = require_person(study, pid, Action.PARTICIPANT_RETURN)
    form = make_form(ReturnForm, person)
    page = ActPage(CONTACT, f"Record {CONTACT.lower()}", ("The visit schedule resumes.",))

    def act(tx: Transaction) -> Answer:
        service.come_back(tx, study, pid, date=form.text("date"), reason=form.text("reason"))
        return Answer(person_url(person), "Contact is recorded as re-established.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/correct-ending", methods=["GET", "POST"])
@allow(Action.PARTICIPANT_RETURN)
@keeps_typing
def undo(study: str, pid: str) -> Response:
    """Undo what was recorded in error; the history keeps both."""
    person = require_person(study, pid, Action.PARTICIPANT_RETURN)
    form = make_form(UndoForm, person)
    form.kind.choices = _list_recorded_endings(person)
    page = ActPage(
        "Recorded in error",
        "Correct the record",
        ("Both what was recorded and this correction stay in the history.",),
        is_grave=True,
    )

    def act(tx: Transaction) -> Answer:
        service.undo_ending(tx, study, pid, kind=form.text("kind"), reason=form.text("reason"))
        return Answer(person_url(person), "The record is corrected.")

    return do_person_act(person, page, form, act)


def _list_recorded_endings(person: Participant) -> dict[str, str]:
    study = definition(person)
    endings = {*event_kinds.WITHDRAWALS, event_kinds.DEATH, event_kinds.LOSS}
    return {
        fact.kind: f"{event_title(fact.kind, study)}, {parse_iso(fact.date).words}"
        for fact in viewer(person).shown_events(reads.list_events(reading(), person.id))
        if fact.kind in endings and fact.value != "returned"
    }
