"""Whether somebody at a dose level had a DLT: recorded once, corrected with a reason."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import reads as people
from capture.participants.person_pages import banner, problems_of
from capture.problems import Problem
from capture.safety import service
from capture.safety.reads import Slot
from capture.safety.views.blueprint import OUTCOMES, PERSON, Case, bp, open_case, page
from capture.safety.views.forms import OutcomeForm
from capture.web import Answer, keeps_typing, kept_form, perform, reading

_TYPED = ("outcome", "day", "met", "note", "reason")
YES_NO = [("yes", "Yes"), ("no", "No")]


@bp.route(f"{PERSON}/outcome", methods=["GET", "POST"])
@allow(Action.DOSE_JUDGE)
@keeps_typing
def outcome(study: str, pid: str, name: str) -> Response:
    """Record or correct what became of somebody."""
    case = open_case(study, pid, name, Action.DOSE_JUDGE)
    if case.slot is None:
        return make_response(redirect(case.url(), 303))
    form = _form(case, case.slot)
    if request.method == "GET":
        return make_response(_draw(case, form, None))
    if not form.validate():
        return make_response(_draw(case, form, None), 422)

    def act(tx: Transaction) -> Answer:
        typed = {name: form.text(name) if name in form else "" for name in _TYPED}
        part, reason = case.part, typed.pop("reason")
        said = service.Judged(**typed)
        version = part.study_version
        service.judge(tx, part.study, version, pid, name, said=said, reason=reason)
        return Answer(case.url(), "The outcome is recorded.")

    def again(problem: Problem) -> str:
        return _draw(open_case(study, pid, name, Action.DOSE_JUDGE), form, problem)

    return perform(act, again=again)


def _form(case: Case, slot: Slot) -> OutcomeForm:
    sent = request.form if request.method == "POST" else kept_form()
    today = people.today_at(reading(), case.person.study, case.person.site)
    form = OutcomeForm(sent, today=today, **({} if sent is not None else _stored(slot)))
    form.outcome.choices = list(OUTCOMES.items())
    form.met.choices = YES_NO
    condition = case.part.definition.second_condition
    if condition is None:
        del form.met
    else:
        form.met.label.text = condition.met
    if slot.outcome is None:
        del form.reason
    return form


def _stored(slot: Slot) -> dict[str, Any]:
    met = None if slot.met is None else "yes" if slot.met else "no"
    return {"outcome": slot.outcome, "day": slot.outcome_date, "met": met, "note": slot.note}


def _draw(case: Case, form: OutcomeForm, problem: Problem | None) -> str:
    return page(
        "outcome.html",
        case=case,
        form=form,
        errors=problems_of(form, problem),
        banner=banner(case.person),
    )
