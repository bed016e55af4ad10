"""Check your answers, then the password, then the draw; and the investigator's signature."""

from __future__ import annotations

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants.reads import consent_in_force
from capture.parts import SummaryRow
from capture.problems import Problem, Refused
from capture.randomisation import reads
from capture.randomisation.service import eligibility
from capture.randomisation.service.allocate import randomise as draw_arm
from capture.randomisation.service.gate import Readiness, readiness
from capture.randomisation.service.halting import RECEIPTS, halt_if_outside_is_newer
from capture.randomisation.service.receipts import try_to_deliver
from capture.randomisation.views.blueprint import PERSON, Case, bp, day, open_case, page, to
from capture.randomisation.views.criteria import (
    confirmation_words,
    criterion_rows,
    has_changed,
    stratum_rows,
)
from capture.randomisation.views.forms import PasswordForm, errors_for
from capture.web import Answer, perform, reading, services


@bp.get(f"{PERSON}/check")
@allow(Action.RANDOMISATION_ALLOCATE)
def check(study: str, pid: str, name: str) -> Response:
    """Who, where, which strata, which criteria; nothing of any arm."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.allocated():
        return to(case.url("result"))
    ready = readiness(reading(), case.study, pid, name)
    found = _standing(case)
    if not ready.is_eligible or found is None or has_changed(found, ready):
        return to(case.url())
    return make_response(_draw_check(case, ready, PasswordForm(), None))


@bp.post(f"{PERSON}/check")
@allow(Action.RANDOMISATION_ALLOCATE)
def randomise(study: str, pid: str, name: str) -> Response:
    """Draw. Whoever is randomised already keeps that answer, however often this is sent."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.allocated():
        return to(case.url("result"))
    known = services()
    halt_if_outside_is_newer(known.database, known.concealment, known.config.data)

    def act(tx: Transaction) -> Answer:
        seen = request.form.get("seen", "")
        if not seen:
            raise Refused("The page did not arrive whole. Nothing was changed. Load it again.")
        draw_arm(tx, case.study, case.study_version, pid, name, seen=seen)
        return Answer(case.url("result"), f"{case.person.number} is randomised.")

    answer = perform(act, again=lambda problem: _check_again(case, problem), password="password")  # noqa: S106
    try_to_deliver(known.database, known.config.checkpoint_key, known.config.data / RECEIPTS)
    return answer


def _check_again(case: Case, problem: Problem) -> str:
    ready = readiness(reading(), case.study, case.person.id, case.randomisation.name)
    return _draw_check(case, ready, PasswordForm(), problem)


def _standing(case: Case) -> reads.Confirmation | None:
    return reads.confirmation_in_force(
        reading(), case.study.slug, case.person.id, case.randomisation.name
    )


def _draw_check(case: Case, ready: Readiness, form: PasswordForm, problem: Problem | None) -> str:
    return page(
        "check.html",
        case=case,
        banner=case.banner(),
        form=form,
        errors=errors_for(problem, form),
        obstacles=[one.words for one in ready.obstacles],
        rows=_summary(case, ready),
        criteria=criterion_rows(case, ready, frozenset()),
        seen=ready.seen_by(services().concealment),
    )


def _summary(case: Case, ready: Readiness) -> list[SummaryRow]:
    person, scope = case.person, case.randomisation.consent
    consent = consent_in_force(reading(), person.id, scope, case.today.isoformat())
    rows = [
        SummaryRow("Participant", person.number),
        SummaryRow("Screening number", person.screening_number),
        SummaryRow("Site", case.site.name),
        SummaryRow("Date at the site", f"{day(case.today.isoformat())} ({case.site.zone})"),
    ]
    if consent is not None:
        words = f"Version {consent.version}, {day(consent.date)}, taken by {consent.taken_by}"
        rows.append(SummaryRow(f"Consent: {case.study.consent(scope).title}", words))
    confirmed = SummaryRow("Eligibility", confirmation_words(case, _standing(case)))
    return [*rows, *stratum_rows(case, ready.stratum.levels), confirmed]


@bp.get(f"{PERSON}/sign")
@allow(Action.ELIGIBILITY_SIGN)
def sign_page(study: str, pid: str, name: str) -> Response:
    """What an investigator signs: every criterion with its values, and what the signature means."""
    case = open_case(study, pid, name, Action.ELIGIBILITY_SIGN)
    if case.allocated():
        return to(case.url("result"))
    return make_response(_draw_sign(case, None))


@bp.post(f"{PERSON}/sign")
@allow(Action.ELIGIBILITY_SIGN)
def sign(study: str, pid: str, name: str) -> Response:
    case = open_case(study, pid, name, Action.ELIGIBILITY_SIGN)

    def act(tx: Transaction) -> Answer:
        seen = request.form.get("seen", "")
        eligibility.sign(tx, case.study, case.study_version, pid, name, seen=seen)
        return Answer(case.url("sign_page"), "Eligibility is signed.")

    return perform(act, again=lambda problem: _draw_sign(case, problem), password="password")  # noqa: S106


def _draw_sign(case: Case, problem: Problem | None) -> str:
    ready = readiness(reading(), case.study, case.person.id, case.randomisation.name)
    found, form = _standing(case), PasswordForm()
    return page(
        "sign.html",
        case=case,
        banner=case.banner(),
        form=form,
        errors=errors_for(problem, form),
        criteria=criterion_rows(case, ready, frozenset()),
        strata=stratum_rows(case, ready.stratum.levels),
        confirmation=confirmation_words(case, found),
        is_signed=found is not None and not has_changed(found, ready),
        is_outdated=has_changed(found, ready),
        may_be_signed=case.is_signed and ready.is_eligible,
        is_signed_here=case.is_signed,
        meaning=eligibility.MEANING,
        seen=ready.seen_by(services().concealment),
        may_randomise=case.may(Action.RANDOMISATION_ALLOCATE),
    )
