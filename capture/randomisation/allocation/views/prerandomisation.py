"""The page before randomisation: everything still open is asked, checked and stored at once."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants.service import LikelyDuplicate
from capture.problems import InvalidInput, Problem
from capture.randomisation import reads
from capture.randomisation.allocation.service.gate import Kind, Readiness, get_readiness
from capture.randomisation.allocation.service.prerandomise import (
    CONFIRMATION,
    CONSENT,
    ENROLMENT,
    FieldTrouble,
    PrerandomisationResult,
    prepare_randomisation,
)
from capture.randomisation.allocation.views.criteria import (
    confirmation_words,
    has_changed,
    make_criterion_rows,
    make_stratum_rows,
)
from capture.randomisation.allocation.views.prerandomisation_forms import (
    PrerandomisationForms,
    make_forms,
    make_request,
)
from capture.randomisation.recovery.service.envelopes import list_envelopes
from capture.randomisation.views.blueprint import (
    PERSON,
    RandomisationCase,
    bp,
    investigators,
    open_case,
    page,
    to,
)
from capture.randomisation.views.forms import DuplicateForm
from capture.web.act_forms import ActForm
from capture.web.act_pages import TOP
from capture.web.layout import PageError
from capture.web.perform import Answer, keeps_typing, kept_form, perform, reading
from forms.eligibility import Result

SETTLED_HERE = (Kind.ENROLMENT, Kind.CONSENT)


@dataclass
class PrerandomisationAttempt:
    """One submission of the page, and its result."""

    case: RandomisationCase
    parts: PrerandomisationForms
    is_whole: bool
    prepared: PrerandomisationResult | None = None
    is_complete: bool = False


@bp.get(PERSON)
@allow(Action.RANDOMISATION_ALLOCATE)
@keeps_typing
def way(study: str, pid: str, name: str) -> Response:
    """Show what is still open before randomisation; go on to the check where nothing is."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.find_allocation():
        return to(case.url("result"))
    ready = get_readiness(reading(), case.study, pid, name)
    kept = kept_form()
    parts = make_forms(case, ready, kept, keep=kept.get("shown", "").split() if kept else ())
    if parts.is_empty and is_settled(case, ready):
        return to(case.url("check"))
    return make_response(_draw(parts, []))


def is_settled(case: RandomisationCase, ready: Readiness) -> bool:
    """Return whether only the check is left: eligible, and confirmed for these values."""
    found = _find_confirmation(case)
    return ready.is_eligible and found is not None and not has_changed(found, ready)


def _find_confirmation(case: RandomisationCase) -> reads.Confirmation | None:
    return reads.find_confirmation_in_force(
        reading(), case.study.slug, case.person.id, case.randomisation.name
    )


@bp.post(PERSON)
@allow(Action.RANDOMISATION_ALLOCATE)
@keeps_typing
def settle(study: str, pid: str, name: str) -> Response:
    """Store what can be stored; go on to the check, or answer 422 with what is left."""
    case = open_case(study, pid, name, Action.RANDOMISATION_ALLOCATE)
    if case.find_allocation():
        return to(case.url("result"))
    ready = get_readiness(reading(), case.study, pid, name)
    parts = make_forms(case, ready, request.form, keep=request.form.get("shown", "").split())
    attempt = PrerandomisationAttempt(case, parts, is_whole=parts.validate())
    answer = perform(
        lambda tx: _settle(tx, attempt), again=lambda problem: _draw_again(attempt, problem)
    )
    if answer.status_code == 303 and attempt.prepared is not None and not attempt.is_complete:
        return make_response(_draw_again(attempt, None), 422)
    return answer


def _settle(tx: Transaction, attempt: PrerandomisationAttempt) -> Answer:
    case = attempt.case
    wanted = make_request(attempt.parts, request.form)
    done = prepare_randomisation(
        tx,
        case.study,
        case.study_version,
        case.person.id,
        case.randomisation.name,
        wanted=wanted,
    )
    attempt.prepared = done
    attempt.is_complete = attempt.is_whole and done.is_clean and done.is_eligible
    words = " ".join(done.done)
    if not attempt.is_complete:
        return Answer(case.url(), words)
    if case.is_signed and not _is_signed(tx, case):
        return Answer(case.url(), f"{words} Now an investigator has to sign.".strip())
    return Answer(case.url("check"), words)


def _is_signed(tx: Transaction, case: RandomisationCase) -> bool:
    name = case.randomisation.name
    found = reads.find_confirmation_in_force(tx.connection, case.study.slug, case.person.id, name)
    ready = get_readiness(tx.connection, case.study, case.person.id, name)
    return found is not None and not has_changed(found, ready)


def _draw_again(attempt: PrerandomisationAttempt, problem: Problem | None) -> str:
    """Render the page with everything as typed, and the participant's state of now."""
    old = attempt.case
    case = open_case(
        old.study.slug, old.person.id, old.randomisation.name, Action.RANDOMISATION_ALLOCATE
    )
    ready = get_readiness(reading(), case.study, case.person.id, case.randomisation.name)
    parts = make_forms(case, ready, request.form, keep=_list_unsettled(attempt, problem))
    parts.validate()
    errors = [PageError(problem.message, TOP)] if problem else []
    for trouble in attempt.prepared.troubles if attempt.prepared else ():
        errors += _tell(parts, trouble)
    if attempt.prepared is not None:
        _ask_questions(parts, attempt.prepared)
        _mark_blanks(parts)
    return _draw(parts, errors)


def _list_unsettled(attempt: PrerandomisationAttempt, problem: Problem | None) -> list[str]:
    """List items to show again although not blank: refused, to be confirmed, or not stored."""
    if problem is not None or attempt.prepared is None:
        return list(attempt.parts.items)
    done = attempt.prepared
    failed = {trouble.part for trouble in done.troubles}
    found = [name for result in done.saved for name in result.refused]
    found += [finding.item for result in done.saved for finding in result.questions]
    return found + [
        name
        for asked in attempt.parts.asked
        if asked.place.instrument in failed
        for name in asked.form.answerable
    ]


def _tell(parts: PrerandomisationForms, trouble: FieldTrouble) -> list[PageError]:
    """Put the problem of a part at its control, or at the top of the page without one."""
    problem = trouble.problem
    if isinstance(problem, LikelyDuplicate):
        parts.duplicate = parts.duplicate or DuplicateForm(request.form, today=parts.case.today)
    if isinstance(problem, InvalidInput) and _mark(parts, trouble, problem):
        return []
    return [PageError(problem.message, TOP)]


def _mark(parts: PrerandomisationForms, trouble: FieldTrouble, problem: InvalidInput) -> bool:
    if any(form.mark(problem.field, problem.message) for form in _forms_of(parts, trouble.part)):
        return True
    known = {"birth_date": parts.case.study.birth_date, "sex": parts.case.study.sex}
    item = known.get(problem.field) or problem.field
    for asked in parts.asked:
        if asked.form.asks(item):
            asked.form.refuse(item, problem.message)
            return True
    return False


def _forms_of(parts: PrerandomisationForms, part: str) -> list[ActForm]:
    if part.startswith(f"{CONSENT}-"):
        form = parts.consents.get(part.removeprefix(f"{CONSENT}-"))
        return [form] if form else []
    known = {ENROLMENT: (parts.enrolment, parts.duplicate), CONFIRMATION: (parts.confirmation,)}
    return [form for form in known.get(part, ()) if form is not None]


def _ask_questions(parts: PrerandomisationForms, done: PrerandomisationResult) -> None:
    for saved in done.saved:
        for finding in saved.questions:
            for asked in parts.asked:
                asked.form.ask(finding)


def _mark_blanks(parts: PrerandomisationForms) -> None:
    """Mark each blank item that the gate needs as an error."""
    for asked in parts.asked:
        for field in asked.form.item_fields:
            if field.was_sent and not field.errors and field.data is None:
                asked.form.refuse(field.name, f"Fill in “{field.item.label.rstrip('?:. ')}”.")


def _draw(parts: PrerandomisationForms, errors: list[PageError]) -> str:
    case, ready = parts.case, parts.ready
    found = _find_confirmation(case)
    is_sent = request.method == "POST"
    return page(
        "way.html",
        case=case,
        has_envelopes=_has_envelopes(case),
        parts=parts,
        banner=case.banner(),
        errors=[*errors, *parts.errors(), *(_verdict_errors(parts) if is_sent else [])],
        obstacles=[
            *(obstacle.words for obstacle in ready.obstacles if obstacle.kind not in SETTLED_HERE),
            *([] if is_sent else ready.unmet_words()),
        ],
        criteria=make_criterion_rows(case, ready, parts.items),
        strata=make_stratum_rows(case, ready.stratum.levels),
        confirmation=confirmation_words(case, found),
        is_outdated=has_changed(found, ready),
        signers=investigators(case) if case.is_signed else [],
        may_sign=case.is_signed and ready.is_eligible and case.may(Action.ELIGIBILITY_SIGN),
    )


def _verdict_errors(parts: PrerandomisationForms) -> list[PageError]:
    """Return each criterion that is not met, and each blank item that this page does not ask."""
    ready, found = parts.ready, []
    for criterion in ready.verdict.criteria:
        if criterion.result is Result.NOT_MET:
            found.append(
                PageError(ready.criterion_words(criterion), f"#criterion-{criterion.name}")
            )
        elif (
            criterion.result is Result.UNKNOWN
            and not ready.blanks_of(criterion.blanks).keys() <= parts.items
        ):
            words = f"Not known yet: {criterion.wording} ({ready.blank_words(criterion.blanks)})"
            found.append(PageError(words, f"#criterion-{criterion.name}"))
    for factor in ready.stratum.blanks:
        if not ready.blanks_of(factor.sources).keys() <= parts.items:
            words = f"Not known yet: {factor.label} ({ready.blank_words(factor.sources)})"
            found.append(PageError(words, "#strata"))
    return found


def _has_envelopes(case: RandomisationCase) -> bool:
    """Return whether the site has envelopes that are not recorded as opened or destroyed."""
    found = list_envelopes(reading(), case.study.slug, case.randomisation.name, case.person.site)
    return any(envelope.is_unused for envelope in found)
