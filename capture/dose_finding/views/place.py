"""The page of a participant's place at a dose level: before, and after registration."""

from __future__ import annotations

from flask import Response, make_response, request

from capture import clock
from capture.access import Action, allow
from capture.dose_finding import service
from capture.dose_finding.views.blueprint import (
    PERSON,
    DoseCase,
    bp,
    columns,
    name_of,
    open_case,
    outcome_words,
    page,
    require_slot,
)
from capture.dose_finding.views.forms import RegisterForm
from capture.entry.presenters.criteria import Blanks, make_address_finder
from capture.ledger.service import Transaction
from capture.participants import reads as people
from capture.participants.presenters.person_pages import banner
from capture.problems import Problem, Refused
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act
from capture.web.page_data import SummaryRow
from capture.web.perform import Answer, reading


@bp.get(PERSON)
@allow(Action.DOSE_VIEW)
def place(study: str, pid: str, name: str) -> Response:
    """Show the open level with its free places, or the place that the participant has."""
    case = open_case(study, pid, name, Action.DOSE_VIEW)
    return make_response(_draw(case, _form(case), None))


@bp.post(PERSON)
@allow(Action.DOSE_REGISTER)
def register(study: str, pid: str, name: str) -> Response:
    """Register at the open level; a participant who has a place keeps it."""
    case = open_case(study, pid, name, Action.DOSE_REGISTER)
    form = _form(case)

    def act(tx: Transaction) -> Answer:
        if not form.text("seen"):
            raise Refused("The page did not arrive whole. Nothing was changed. Load it again.")
        part, seen = case.part, form.text("seen")
        slot = service.register(tx, part.study, part.study_version, pid, name, seen=seen)
        words = f"{case.person.number} is registered at level {slot.level}."
        return Answer(case.url(), words)

    def draw(problem: Problem | None) -> str:
        return _draw(open_case(study, pid, name, Action.DOSE_REGISTER), form, problem)

    return do_act(form, act, draw)


def _form(case: DoseCase) -> RegisterForm:
    sent = request.form if request.method == "POST" else None
    today = people.get_today_at(reading(), case.person.study, case.person.site)
    return RegisterForm(sent, today=today)


def _draw(case: DoseCase, form: RegisterForm, problem: Problem | None) -> str:
    if case.slot is not None:
        return _draw_held(case)
    part = case.part
    ready = service.get_registration_readiness(reading(), part.study, case.person.id, part.name)
    blanks = Blanks(ready, make_address_finder(reading(), case.person))
    form.seen.data = ready.content_hash
    may_register = case.may(Action.DOSE_REGISTER) and ready.verdict.is_passed
    shown = ActPage(
        "Register at a dose level",
        f"Register at level {part.standing.level}",
        caption=part.definition.title,
        signing="Registering",
        template="dose_finding/register.html",
        content={
            "case": case,
            "columns": columns,
            "obstacles": [*ready.obstacles, *ready.unmet_words()],
            "criteria": blanks.criteria(),
            "rows": _open_rows(case),
        },
    )
    who = banner(case.person)
    is_free = may_register and not ready.obstacles
    back = WayBack(who.url, who.number)
    return draw_act(shown, form if is_free else None, problem, back, banner=who)


def _open_rows(case: DoseCase) -> list[SummaryRow]:
    standing = case.part.standing
    return [
        SummaryRow("Open level", case.part.dose(standing.level)),
        SummaryRow("Places free", str(standing.places)),
        SummaryRow("Watched for a DLT", f"{case.part.definition.window_days} days"),
        SummaryRow("A DLT is", case.part.definition.dlt),
    ]


def _draw_held(case: DoseCase) -> str:
    slot = require_slot(case)
    rows = [
        SummaryRow("Level", case.part.dose(slot.level)),
        SummaryRow("Registered", f"{clock.day_words(slot.local_date)}, by {name_of(slot.by)}"),
        SummaryRow("Number in this part", str(slot.number)),
        SummaryRow("Outcome", outcome_words(slot)),
    ]
    if slot.outcome_date:
        rows.append(SummaryRow("Date of the outcome", clock.day_words(slot.outcome_date)))
    if slot.note:
        rows.append(SummaryRow("What happened", slot.note))
    return page(
        "held.html",
        case=case,
        banner=banner(case.person),
        rows=rows,
        may_judge=case.may(Action.DOSE_RECORD_OUTCOME),
    )
