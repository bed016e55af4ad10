"""The page on which a participant's DLT assessment is recorded, or corrected with a reason."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect

from capture import clock
from capture.access import Action, allow
from capture.dose_finding import service
from capture.dose_finding.reads import Slot
from capture.dose_finding.views.blueprint import (
    OUTCOMES,
    PERSON,
    DoseCase,
    bp,
    open_case,
    require_slot,
)
from capture.dose_finding.views.forms import OutcomeForm
from capture.ledger.service import Transaction
from capture.participants import reads as people
from capture.participants.presenters.person_pages import banner
from capture.problems import Problem
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, sent_form
from capture.web.perform import Answer, keeps_typing, reading

_TYPED = ("outcome", "day", "met", "note", "reason")
YES_NO = [("yes", "Yes"), ("no", "No")]


@bp.route(f"{PERSON}/outcome", methods=["GET", "POST"])
@allow(Action.DOSE_RECORD_OUTCOME)
@keeps_typing
def outcome(study: str, pid: str, name: str) -> Response:
    """Record or correct the outcome of a participant."""
    case = open_case(study, pid, name, Action.DOSE_RECORD_OUTCOME)
    if case.slot is None:
        return make_response(redirect(case.url(), 303))
    form = _form(case, case.slot)

    def act(tx: Transaction) -> Answer:
        typed = {name: form.text(name) if name in form else "" for name in _TYPED}
        part, reason = case.part, typed.pop("reason")
        said = service.OutcomeResult(**typed)
        version = part.study_version
        service.record_outcome(tx, part.study, version, pid, name, said=said, reason=reason)
        return Answer(case.url(), "The outcome is recorded.")

    def draw(problem: Problem | None) -> str:
        return _draw(open_case(study, pid, name, Action.DOSE_RECORD_OUTCOME), form, problem)

    return do_act(form, act, draw)


def _form(case: DoseCase, slot: Slot) -> OutcomeForm:
    sent = sent_form()
    today = people.get_today_at(reading(), case.person.study, case.person.site)
    form = OutcomeForm(sent, today=today, **({} if sent is not None else _fill_in_stored(slot)))
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


def _fill_in_stored(slot: Slot) -> dict[str, Any]:
    met = None if slot.met is None else "yes" if slot.met else "no"
    return {"outcome": slot.outcome, "day": slot.outcome_date, "met": met, "note": slot.note}


def _draw(case: DoseCase, form: OutcomeForm, problem: Problem | None) -> str:
    slot, part = require_slot(case), case.part.definition
    registered = f"Registered at level {slot.level} on {clock.day_words(slot.local_date)}, "
    shown = ActPage(
        "Was there a dose-limiting toxicity?",
        "Record the outcome",
        intro=(f"A DLT is: {part.dlt}. {registered}watched for {part.window_days} days.",),
        caption=part.title,
    )
    back = WayBack(case.url(), "Dose level")
    return draw_act(shown, form, problem, back, banner=banner(case.person))
