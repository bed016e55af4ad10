"""The result of randomisation: to print, notifications, receipt, randomisation in error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import reads as participants
from capture.participants.presenters.links import visit_title
from capture.participants.records import VisitStatus
from capture.participants.visit_status import window_words
from capture.problems import NotAllowed, Problem
from capture.randomisation import reads
from capture.randomisation.action_labels import MISTAKE_LABELS
from capture.randomisation.allocation.service import allocation_notes
from capture.randomisation.allocation.service.allocation_notes import TO_BE_TOLD
from capture.randomisation.allocation.service.receipts import get_receipt
from capture.randomisation.allocation.views.criteria import (
    levels_of,
    list_drawn_factors,
    make_stratum_rows,
)
from capture.randomisation.views.blueprint import (
    PERSON,
    RandomisationCase,
    bp,
    name_of,
    open_case,
    page,
    to,
    when,
)
from capture.randomisation.views.forms import MistakeForm
from capture.web.act_forms import RadioList
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, list_errors
from capture.web.page_data import SummaryRow
from capture.web.perform import Answer, perform, reading, services
from randomiser import Mistake

NEXT_VISITS = 5
LEVEL = "level-"


@dataclass(frozen=True)
class NotifiedRow:
    """A party to be notified of the arm. words: by whom and when, empty until it was done."""

    who: str
    title: str
    words: str


@bp.get(f"{PERSON}/result")
@allow(Action.PARTICIPANT_VIEW)
def result(study: str, pid: str, name: str) -> Response:
    """Show the allocation of the participant."""
    case = open_case(study, pid, name, Action.PARTICIPANT_VIEW)
    done = case.find_allocation()
    if done is None:
        may = case.may(Action.RANDOMISATION_ALLOCATE)
        return to(case.url() if may else case.banner().url)
    return make_response(_draw(case, done, None))


def _draw(case: RandomisationCase, done: reads.AllocationRow, problem: Problem | None) -> str:
    return page(
        "result.html",
        case=case,
        done=done,
        banner=case.banner(),
        errors=list_errors(problem),
        arm=case.randomisation.arm(done.arm) if case.sees_arm else None,
        rows=_rows(case, done),
        strata=make_stratum_rows(case, done.levels),
        corrected=make_stratum_rows(case, done.levels_corrected) if done.levels_corrected else [],
        visits=_visits(case),
        told=_list_notified(case, done),
        may_tell=case.may(Action.RANDOMISATION_NOTIFY),
        annotation=_annotation(case, done),
        may_annotate=case.may(Action.RANDOMISATION_RECORD_ERROR),
    )


def _rows(case: RandomisationCase, done: reads.AllocationRow) -> list[SummaryRow]:
    return [
        *_by_question(case, done),
        SummaryRow("Participant", case.person.number),
        SummaryRow("Screening number", case.person.screening_number),
        SummaryRow("Site", case.site.name),
        SummaryRow("Randomisation number", str(done.number)),
        SummaryRow("Randomised", when(done.at, case.site.zone)),
        SummaryRow("By", name_of(done.by)),
    ]


def _by_question(case: RandomisationCase, done: reads.AllocationRow) -> list[SummaryRow]:
    """Return the arm of each question of a factorial randomisation."""
    if not case.sees_arm:
        return []
    titles = {part.question: part.title for part in case.randomisation.factorial}
    chosen = case.randomisation.by_question(done.arm)
    return [SummaryRow(titles[name], arm.label) for name, arm in chosen.items()]


def _visits(case: RandomisationCase) -> list[tuple[str, str]]:
    found = participants.list_visits(reading(), case.person.id)
    shown = case.viewer.shown_visits(found)
    today = case.today.isoformat()
    open_ = [
        visit for visit in shown if visit.status in (VisitStatus.PLANNED, VisitStatus.IN_PROGRESS)
    ]
    coming = [visit for visit in open_ if (visit.latest or "") >= today and visit.target_date]
    return [(visit_title(case.study, visit), window_words(visit)) for visit in coming[:NEXT_VISITS]]


def _list_notified(case: RandomisationCase, done: reads.AllocationRow) -> list[NotifiedRow]:
    known = {notification["who"]: notification for notification in done.notified}
    return [
        NotifiedRow(who, title, _describe_notified(case, known[who]) if who in known else "")
        for who, title in TO_BE_TOLD.items()
    ]


def _describe_notified(case: RandomisationCase, told: Mapping[str, str]) -> str:
    return f"Notified: {when(told['at'], case.site.zone)}, {name_of(told['by'])}"


def _annotation(case: RandomisationCase, done: reads.AllocationRow) -> list[SummaryRow]:
    note = done.annotation
    if note is None:
        return []
    return [
        SummaryRow("What went wrong", MISTAKE_LABELS[Mistake(note["mistake"])]),
        SummaryRow("What happened", note["reason"]),
        SummaryRow("Recorded", f"{when(note['at'], case.site.zone)}, {name_of(note['by'])}"),
    ]


@bp.post(f"{PERSON}/tell")
@allow(Action.RANDOMISATION_NOTIFY)
def tell(study: str, pid: str, name: str) -> Response:
    """Record a notification of the allocation."""
    case = open_case(study, pid, name, Action.RANDOMISATION_NOTIFY)
    who = request.form.get("who", "")

    def act(tx: Transaction) -> Answer:
        allocation_notes.record_notification(tx, case.study, pid, name, who)
        return Answer(f"{case.url('result')}#told", f"Recorded as notified: {TO_BE_TOLD[who]}.")

    return perform(act)


@bp.get(f"{PERSON}/receipt.json")
@allow(Action.PARTICIPANT_VIEW)
def receipt(study: str, pid: str, name: str) -> Response:
    """Download the signed receipt, to be kept outside the database."""
    case = open_case(study, pid, name, Action.PARTICIPANT_VIEW)
    if not case.sees_arm:
        raise NotAllowed("The randomisation confirmation names the arm. Your role cannot see it.")
    done = reads.get_allocation(reading(), study, pid, name)
    content = get_receipt(reading(), study, done, services().config.checkpoint_key)
    answer = make_response(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    answer.mimetype = "application/json"
    file = f"receipt-{study}-{name}-{done.number}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


@bp.get(f"{PERSON}/in-error")
@allow(Action.RANDOMISATION_RECORD_ERROR)
def in_error(study: str, pid: str, name: str) -> Response:
    """Show the page on which a randomisation in error is recorded."""
    case = open_case(study, pid, name, Action.RANDOMISATION_RECORD_ERROR)
    if case.find_allocation() is None:
        return to(case.banner().url)
    return make_response(_draw_in_error(case, _mistake_form(case), None))


@bp.post(f"{PERSON}/in-error")
@allow(Action.RANDOMISATION_RECORD_ERROR)
def annotate(study: str, pid: str, name: str) -> Response:
    case = open_case(study, pid, name, Action.RANDOMISATION_RECORD_ERROR)
    form = _mistake_form(case)
    done = case.find_allocation()
    corrected = dict(done.levels) if done else {}
    for factor in list_drawn_factors(case, done) if done else ():
        corrected[factor.factor] = request.form.get(f"{LEVEL}{factor.factor}", "")

    def act(tx: Transaction) -> Answer:
        allocation_notes.annotate_allocation(
            tx,
            case.study,
            pid,
            name,
            mistake=form.text("mistake"),
            reason=form.text("reason"),
            levels_corrected=corrected,
        )
        return Answer(
            case.url("result"), "The error is recorded. The allocation and number do not change."
        )

    return do_act(form, act, lambda problem: _draw_in_error(case, form, problem))


def _mistake_form(case: RandomisationCase) -> MistakeForm:
    """Return the form with a control for each factor, set to the level used."""
    done = case.find_allocation()
    fields = {
        f"{LEVEL}{factor.factor}": RadioList(
            f"Correct level: {factor.label or factor.factor}",
            description="Only for a wrong stratification factor.",
            render_kw={"inline": True},
            choices=dict(levels_of(case, factor)),
            default=done.levels.get(factor.factor) if done else None,
        )
        for factor in (list_drawn_factors(case, done) if done else ())
    }
    kind = type("MistakeOfStudyForm", (MistakeForm,), fields)
    form: MistakeForm = kind(request.form if request.method == "POST" else None)
    form.mistake.choices = {mistake.value: words for mistake, words in MISTAKE_LABELS.items()}
    return form


def _draw_in_error(case: RandomisationCase, form: MistakeForm, problem: Problem | None) -> str:
    shown = ActPage(
        "Randomised in error",
        "Record the error",
        caption=case.randomisation.title,
        template="randomisation/in_error.html",
        content={"case": case},
    )
    back = WayBack(case.url("result"), "The allocation")
    return draw_act(shown, form, problem, back, banner=case.banner())
