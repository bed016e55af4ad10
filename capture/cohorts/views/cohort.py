"""The cohort of a participant: what it rests on, then one act to record it or to correct it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from flask import Response, make_response, redirect, render_template, request, url_for

from capture.access import Action, allow
from capture.cohorts import service
from capture.cohorts.reads import CohortCase, cohort_case
from capture.cohorts.views.blueprint import bp
from capture.cohorts.views.forms import CorrectForm, RecordForm
from capture.entry.criteria import TAGS, Blanks, Link, addresses
from capture.ledger.service import Transaction
from capture.participants import reads as participants
from capture.participants.act_forms import ActForm, options
from capture.participants.links import person_url, visit_title
from capture.participants.person_pages import banner, definition, problems_of, require_person
from capture.participants.rows import Participant, Status
from capture.participants.sight import sees_arms
from capture.parts import Column, SummaryRow
from capture.problems import NotAllowed, NotFound, Problem, Refused
from capture.web import Answer, actor, keeps_typing, kept_form, perform, reading
from forms.cohorts import CohortVerdict
from forms.definition import Study
from forms.eligibility import Result

AnyForm = TypeVar("AnyForm", bound=ActForm)
COLUMNS = [Column(text) for text in ("Criterion", "Value used", "Result")]


@dataclass(frozen=True)
class Page:
    """One participant and what stands between the person and a cohort."""

    person: Participant
    study: Study
    case: CohortCase

    @property
    def verdict(self) -> CohortVerdict | None:
        return self.case.found

    @property
    def blanks(self) -> Blanks | None:
        """The gate of the cohort that holds, criterion by criterion."""
        if self.verdict is None:
            return None
        judged = self.case.judged(self.verdict.cohort)
        return Blanks(judged, addresses(reading(), self.person))

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left but to record it."""
        judged = self.blanks
        passes = judged is not None and judged.judged.verdict.is_passed
        return passes and self.person.status == Status.ENROLLED

    @property
    def links(self) -> tuple[Link, ...]:
        """Where the blanks are filled in that leave the cohort unknown."""
        if self.verdict is not None:
            return ()
        blanks = Blanks(self.case.nothing_judged, addresses(reading(), self.person))
        return blanks.links(self.case.belonging.unknown)


def _open(study: str, pid: str, action: Action) -> Page:
    """Look a participant up. Raises NotFound; NotAllowed for too small a role and for the blind."""
    person = require_person(study, pid, action)
    known = definition(person)
    if not known.cohorts:
        raise NotFound("This study has no cohorts. Go back to the participant's page.")
    if not sees_arms(actor(), known, person.site):
        raise NotAllowed("You are not shown who belongs to which cohort in this study.")
    return Page(person, known, cohort_case(reading(), known, pid))


@bp.route("", methods=["GET", "POST"])
@allow(Action.COHORT_RECORD)
@keeps_typing
def record(study: str, pid: str) -> Response:
    """Record the cohort that holds, with its evidence."""
    page = _open(study, pid, Action.COHORT_RECORD)
    if page.case.recorded is not None:
        return make_response(redirect(url_for(".correct", study=study, pid=pid), 303))
    form = _form(RecordForm, page, cohort=_name(page), seen=page.case.content_hash)
    if request.method == "GET":
        return make_response(_draw_record(page, form, None))
    if not form.validate():
        return make_response(_draw_record(page, form, None), 422)

    def act(tx: Transaction) -> Answer:
        if not form.text("seen"):
            raise Refused("The page did not arrive whole. Nothing was changed. Load it again.")
        said = _said(form)
        service.record_cohort(tx, page.study, pid, said, seen=form.text("seen"))
        title = page.study.cohort(said.cohort).title
        return Answer(person_url(page.person), f"The cohort is recorded: {title}.")

    return perform(
        act,
        again=lambda problem: _draw_record(_open(study, pid, Action.COHORT_RECORD), form, problem),
    )


@bp.route("/correct", methods=["GET", "POST"])
@allow(Action.COHORT_CORRECT)
@keeps_typing
def correct(study: str, pid: str) -> Response:
    """Correct a recorded cohort with a reason."""
    page = _open(study, pid, Action.COHORT_CORRECT)
    known = page.case.recorded
    if known is None:
        return make_response(redirect(url_for(".record", study=study, pid=pid), 303))
    form = _form(
        CorrectForm,
        page,
        cohort=known.value,
        date=known.date,
        where_documented=service.documented(known),
    )
    form.cohort.choices = options({one.name: one.title for one in page.study.cohorts})
    if request.method == "GET":
        return make_response(_draw_correct(page, form, None))
    if not form.validate():
        return make_response(_draw_correct(page, form, None), 422)

    def act(tx: Transaction) -> Answer:
        service.correct_cohort(tx, page.study, pid, _said(form), reason=form.text("reason"))
        return Answer(person_url(page.person), "The cohort is corrected. History keeps both.")

    return perform(
        act,
        again=lambda problem: _draw_correct(
            _open(study, pid, Action.COHORT_CORRECT), form, problem
        ),
    )


def _form(kind: type[AnyForm], page: Page, **stored: object) -> AnyForm:
    sent = request.form if request.method == "POST" else kept_form()
    today = participants.today_at(reading(), page.person.study, page.person.site)
    return kind(sent, today=today, **stored)


def _said(form: ActForm) -> service.Evidence:
    return service.Evidence(form.text("cohort"), form.text("date"), form.text("where_documented"))


def _name(page: Page) -> str:
    return page.verdict.cohort.name if page.verdict else ""


def _draw_record(page: Page, form: ActForm, problem: Problem | None) -> str:
    blanks = page.blanks
    verdict = page.verdict
    asks = verdict is not None and verdict.cohort.evidence.document
    form["where_documented"].label.text = (
        "Where it is documented" if asks else "Where it is documented (optional)"
    )
    return _draw(
        "record.html",
        page,
        form,
        problem,
        title=f"Record the cohort of {page.person.number}",
        obstacles=[
            *page.case.why_none(),
            *_not_enrolled(page),
            *(blanks.judged.unmet_words() if blanks else []),
        ],
        links=page.links,
        criteria=blanks.criteria() if blanks else [],
        is_ready=page.is_ready,
    )


def _not_enrolled(page: Page) -> list[str]:
    is_enrolled = page.person.status == Status.ENROLLED
    return [] if is_enrolled else [f"{page.person.number} is not enrolled yet."]


def _draw_correct(page: Page, form: ActForm, problem: Problem | None) -> str:
    blanks = page.blanks
    unmet = [one for one in (blanks.criteria() if blanks else []) if one.tag != TAGS[Result.MET]]
    return _draw(
        "correct.html",
        page,
        form,
        problem,
        title=f"Correct the cohort of {page.person.number}",
        obstacles=list(page.case.why_none()),
        links=page.links,
        criteria=unmet,
        stays=_entered_of_one_cohort(page),
    )


def _entered_of_one_cohort(page: Page) -> list[str]:
    """The visits that something was entered at and that only some cohorts have."""
    visits = participants.visits(reading(), page.person.id)
    return [
        visit_title(page.study, one)
        for one in visits
        if one.is_touched and page.study.visit(one.slug).cohorts
    ]


def _draw(
    template: str, page: Page, form: ActForm, problem: Problem | None, **content: object
) -> str:
    return render_template(
        f"cohorts/{template}",
        form=form,
        errors=problems_of(form, problem),
        banner=banner(page.person),
        rows=_rows(page),
        columns=COLUMNS,
        **content,
    )


def _rows(page: Page) -> list[SummaryRow]:
    """The cohort that holds and the values it rests on."""
    verdict = page.verdict
    if verdict is None:
        return []
    found = SummaryRow("Cohort by what is entered", verdict.cohort.title)
    return [found, *(SummaryRow(one.label, one.shown) for one in verdict.values)]
