"""Pages of enrolment and consent: enrol, not enrolled, consent given and withdrawn."""

from __future__ import annotations

from flask import Response, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import duplicates, reads, service
from capture.participants.presenters.available_actions import (
    ANY,
    ENROLLED,
    SCREENED,
    TAKING_PART,
    offer,
)
from capture.participants.presenters.links import person_url
from capture.participants.presenters.person_pages import (
    definition,
    do_person_act,
    make_form,
    require_person,
)
from capture.participants.records import Participant
from capture.participants.service.enrolment import list_sexes
from capture.participants.views.blueprint import bp
from capture.participants.views.forms import (
    ConsentTakenForm,
    EnrolForm,
    NotEnrolForm,
    WithdrawConsentForm,
)
from capture.study import reads as study_reads
from capture.web.act_forms import NOT_CHOSEN, options
from capture.web.act_pages import ActPage
from capture.web.perform import Answer, keeps_typing, reading, services


@bp.route("/<pid>/enrol", methods=["GET", "POST"])
@offer("Enrol", SCREENED, TAKING_PART)
@allow(Action.PARTICIPANT_ENROL)
@keeps_typing
def enrol(study: str, pid: str) -> Response:
    """Consent and enrolment on one page."""
    person = require_person(study, pid, Action.PARTICIPANT_ENROL)
    form = _make_enrol_form(person)
    key = duplicates.derive_key(services().config.concealment_key)
    scope = definition(person).consents[0].name
    page = ActPage(f"Enrol {person.number}", "Enrol")

    def act(tx: Transaction) -> Answer:
        enrolled = service.enrol(tx, study, pid, _read_enrolment(form, scope), likeness_key=key)
        return Answer(person_url(enrolled), f"Enrolled as {enrolled.number}.")

    return do_person_act(person, page, form, act)


def _make_enrol_form(person: Participant) -> EnrolForm:
    study = definition(person)
    form = make_form(EnrolForm, person)
    form.sex.choices = list_sexes(study)
    form.version.choices = _list_versions(person, study.consents[0].name)
    if _consent_is_in_force(person, study.consents[0].name):
        for name in ("version", "consent_date", "taken_by"):
            del form[name]
    return form


def _consent_is_in_force(person: Participant, scope: str) -> bool:
    today = reads.get_today_at(reading(), person.study, person.site).isoformat()
    return reads.find_consent_in_force(reading(), person.id, scope, today) is not None


def _read_enrolment(form: EnrolForm, scope: str) -> service.Enrolment:
    return service.Enrolment(
        birth_date=form.text("birth_date"),
        sex=form.text("sex"),
        hospital_number=form.text("hospital_number"),
        consent=_read_consent(form, scope),
        duplicate_confirmed=form.is_ticked("duplicate_confirmed"),
        duplicate_reason=form.text("duplicate_reason"),
    )


def _read_consent(form: EnrolForm, scope: str) -> service.ConsentTaken | None:
    """The consent on the page; None where it was recorded before and the page does not ask."""
    if "version" not in form:
        return None
    return service.ConsentTaken(
        scope=scope,
        version=form.text("version"),
        date=form.text("consent_date"),
        taken_by=form.text("taken_by"),
    )


def _list_versions(person: Participant, scope: str) -> dict[str, str]:
    """Return the versions a site may use today, the newest first and already chosen."""
    today = reads.get_today_at(reading(), person.study, person.site).isoformat()
    approved = study_reads.list_approved_versions(
        reading(), person.study, person.site, scope, today
    )
    return {label: label for label in reversed(approved)} or NOT_CHOSEN


@bp.route("/<pid>/not-enrolled", methods=["GET", "POST"])
@offer("Record as not recruited", SCREENED, TAKING_PART)
@allow(Action.PARTICIPANT_NOT_RECRUIT)
@keeps_typing
def not_enrol(study: str, pid: str) -> Response:
    """Close a line of the screening log."""
    person = require_person(study, pid, Action.PARTICIPANT_NOT_RECRUIT)
    form = make_form(NotEnrolForm, person)
    page = ActPage(f"Record {person.number} as not recruited", "Record as not recruited")

    def act(tx: Transaction) -> Answer:
        service.not_enrol(tx, study, pid, form.text("reason"), form.text("note"))
        return Answer(person_url(person), f"{person.number} is recorded as not recruited.")

    return do_person_act(person, page, form, act)


@bp.route("/<pid>/consent", methods=["GET", "POST"])
@offer("Record consent or re-consent", SCREENED | ENROLLED, TAKING_PART)
@allow(Action.CONSENT_RECORD)
@keeps_typing
def consent(study: str, pid: str) -> Response:
    """Record consent, the first time or again."""
    person = require_person(study, pid, Action.CONSENT_RECORD)
    form = make_form(ConsentTakenForm, person)
    form.scope.choices = options(_list_scopes(person))
    form.version.choices = _list_all_versions(person)
    page = ActPage("Record consent", "Record consent")

    def act(tx: Transaction) -> Answer:
        taken = service.ConsentTaken(
            form.text("scope"),
            form.text("version"),
            form.text("consent_date"),
            form.text("taken_by"),
        )
        service.give_consent(tx, study, pid, taken)
        return Answer(person_url(person), "The consent is recorded.")

    return do_person_act(person, page, form, act)


def _list_scopes(person: Participant) -> dict[str, str]:
    return {scope.name: scope.title for scope in definition(person).consents}


def _list_all_versions(person: Participant) -> dict[str, str]:
    """Return the versions of every scope; which belongs to the chosen one the service knows."""
    found: dict[str, str] = {}
    for scope in _list_scopes(person):
        found |= _list_versions(person, scope)
    return found


@bp.route("/<pid>/consent/withdraw", methods=["GET", "POST"])
@offer("Withdraw consent", SCREENED | ENROLLED, ANY)
@allow(Action.CONSENT_WITHDRAW)
@keeps_typing
def withdraw_consent(study: str, pid: str) -> Response:
    """Record that a consent was withdrawn; stopping treatment or visits is another act."""
    person = require_person(study, pid, Action.CONSENT_WITHDRAW)
    form = make_form(WithdrawConsentForm, person)
    form.scope.choices = _list_scopes(person)
    page = ActPage(
        "Withdraw consent",
        "Record withdrawal of consent",
        (
            "This records withdrawal of consent only. If treatment, visits or data collection "
            "stop too, record a withdrawal as well.",
        ),
        is_grave=True,
    )

    def act(tx: Transaction) -> Answer:
        service.withdraw_consent(
            tx,
            study,
            pid,
            scope=form.text("scope"),
            date=form.text("date"),
            told_to=form.text("taken_by"),
            reason=form.text("reason"),
        )
        words = "Withdrawal of consent is recorded. If treatment or follow-up stops, record it too."
        return Answer(url_for(".withdraw", study=study, pid=pid), words)

    return do_person_act(person, page, form, act)
