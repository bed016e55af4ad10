"""The check of answers with the password before randomising; the investigator's signature."""

from __future__ import annotations

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants.reads import find_consent_in_force
from capture.problems import Problem, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.allocation.service.allocate import randomise as draw_arm
from capture.randomisation.allocation.service.gate import Readiness, get_readiness
from capture.randomisation.allocation.service.receipts import try_to_deliver
from capture.randomisation.allocation.views.criteria import (
    confirmation_words,
    has_changed,
    make_criterion_rows,
    make_stratum_rows,
)
from capture.randomisation.recovery.service.halt import RECEIPTS, halt_if_outside_is_newer
from capture.randomisation.views.blueprint import (
    PERSON,
    RandomisationCase,
    bp,
    columns,
    day,
    open_case,
    to,
)
from capture.randomisation.views.forms import SeenForm
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act
from capture.web.page_data import SummaryRow
from capture.web.perform import Answer, reading, services


@bp.get(f"{PERSON}/check")
@allow(Action.RANDOMISATION_ALLOCATE)
def check(study: str, pid: str, name: str) -> Response:
    """Show participant, site, stratification factors and criteria; nothing about any arm."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.find_allocation():
        return to(case.url("result"))
    ready = get_readiness(reading(), case.study, pid, name)
    found = _find_confirmation(case)
    if not ready.is_eligible or found is None or has_changed(found, ready):
        return to(case.url())
    return make_response(_draw_check(case, SeenForm(), None))


@bp.post(f"{PERSON}/check")
@allow(Action.RANDOMISATION_ALLOCATE)
def randomise(study: str, pid: str, name: str) -> Response:
    """Randomise the participant; one who is randomised already keeps the allocation."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.find_allocation():
        return to(case.url("result"))
    form, known = SeenForm(request.form), services()
    halt_if_outside_is_newer(known.database, known.concealment, known.config.data)

    def act(tx: Transaction) -> Answer:
        seen = form.text("seen")
        if not seen:
            raise Refused("The page did not arrive whole. Nothing was changed. Load it again.")
        draw_arm(tx, case.study, case.study_version, pid, name, seen=seen)
        return Answer(case.url("result"), f"{case.person.number} is randomised.")

    answer = do_act(form, act, lambda problem: _draw_check(case, form, problem))
    try_to_deliver(known.database, known.config.checkpoint_key, known.config.data / RECEIPTS)
    return answer


def _find_confirmation(case: RandomisationCase) -> reads.Confirmation | None:
    return reads.find_confirmation_in_force(
        reading(), case.study.slug, case.person.id, case.randomisation.name
    )


def _draw_check(case: RandomisationCase, form: SeenForm, problem: Problem | None) -> str:
    ready = get_readiness(reading(), case.study, case.person.id, case.randomisation.name)
    form.seen.data = ready.seen_by(services().concealment)
    shown = ActPage(
        "Check your answers",
        "Randomise now",
        caption=case.randomisation.title,
        signing="Randomising",
        template="randomisation/check.html",
        content={
            "case": case,
            "columns": columns,
            "obstacles": [obstacle.words for obstacle in ready.obstacles],
            "rows": _summary(case, ready),
            "criteria": make_criterion_rows(case, ready, frozenset()),
        },
    )
    who = case.banner()
    back = WayBack(who.url, case.person.number)
    return draw_act(shown, None if ready.obstacles else form, problem, back, banner=who)


def _summary(case: RandomisationCase, ready: Readiness) -> list[SummaryRow]:
    person, scope = case.person, case.randomisation.consent
    consent = find_consent_in_force(reading(), person.id, scope, case.today.isoformat())
    rows = [
        SummaryRow("Participant", person.number),
        SummaryRow("Screening number", person.screening_number),
        SummaryRow("Site", case.site.name),
        SummaryRow("Date at the site", f"{day(case.today.isoformat())} ({case.site.zone})"),
    ]
    if consent is not None:
        words = f"Version {consent.version}, {day(consent.date)}, taken by {consent.taken_by}"
        rows.append(SummaryRow(f"Consent: {case.study.consent(scope).title}", words))
    confirmed = SummaryRow("Eligibility", confirmation_words(case, _find_confirmation(case)))
    return [*rows, *make_stratum_rows(case, ready.stratum.levels), confirmed]


@bp.get(f"{PERSON}/sign")
@allow(Action.ELIGIBILITY_SIGN)
def sign_page(study: str, pid: str, name: str) -> Response:
    """Show what an investigator signs: each criterion with its values, and the meaning."""
    case = open_case(study, pid, name, Action.ELIGIBILITY_SIGN)
    if case.find_allocation():
        return to(case.url("result"))
    return make_response(_draw_sign(case, SeenForm(), None))


@bp.post(f"{PERSON}/sign")
@allow(Action.ELIGIBILITY_SIGN)
def sign(study: str, pid: str, name: str) -> Response:
    case, form = open_case(study, pid, name, Action.ELIGIBILITY_SIGN), SeenForm(request.form)

    def act(tx: Transaction) -> Answer:
        seen = form.text("seen")
        eligibility.sign_eligibility(tx, case.study, case.study_version, pid, name, seen=seen)
        return Answer(case.url("sign_page"), "Eligibility is signed.")

    return do_act(form, act, lambda problem: _draw_sign(case, form, problem))


def _draw_sign(case: RandomisationCase, form: SeenForm, problem: Problem | None) -> str:
    ready = get_readiness(reading(), case.study, case.person.id, case.randomisation.name)
    found = _find_confirmation(case)
    is_signed = found is not None and not has_changed(found, ready)
    may_be_signed = case.is_signed and ready.is_eligible and not is_signed
    form.seen.data = ready.seen_by(services().concealment)
    shown = ActPage(
        "Sign eligibility",
        "Sign",
        caption=case.randomisation.title,
        signing="Signing",
        template="randomisation/sign.html",
        content={
            "case": case,
            "columns": columns,
            "criteria": make_criterion_rows(case, ready, frozenset()),
            "strata": make_stratum_rows(case, ready.stratum.levels),
            "confirmation": confirmation_words(case, found),
            "is_signed": is_signed,
            "is_outdated": has_changed(found, ready),
            "is_signed_here": case.is_signed,
            "meaning": eligibility.MEANING,
            "may_randomise": case.may(Action.RANDOMISATION_ALLOCATE),
        },
    )
    who = case.banner()
    back = WayBack(who.url, case.person.number)
    return draw_act(shown, form if may_be_signed else None, problem, back, banner=who)
