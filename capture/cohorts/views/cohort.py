"""The pages of a participant's cohort: its evidence, and the form to record or correct it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, url_for

from capture.access import Action, allow
from capture.cohorts import service
from capture.cohorts.reads import CohortCase, get_cohort_case
from capture.cohorts.views.blueprint import bp
from capture.cohorts.views.forms import CorrectForm, RecordForm
from capture.entry.presenters.criteria import TAGS, Blanks, FormLink, make_address_finder
from capture.ledger.service import Transaction
from capture.participants import reads as participants
from capture.participants.presenters.links import person_url, visit_title
from capture.participants.presenters.person_pages import (
    banner,
    definition,
    make_form,
    require_person,
    viewer,
)
from capture.participants.records import Participant, Status
from capture.problems import NotFound, Problem, Refused
from capture.web.act_forms import ActForm, options
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act
from capture.web.page_data import SummaryRow, TableColumn
from capture.web.perform import Answer, keeps_typing, reading
from forms.cohorts import CohortVerdict
from forms.definition import Study
from forms.eligibility import Result

STAYS = (
    "The cohort follows from what happened to the person. Later it changes only by a correction "
    "with a reason."
)
COLUMNS = [TableColumn(text) for text in ("Criterion", "Value used", "Result")]


@dataclass(frozen=True)
class CohortPage:
    """One participant with the evidence for a cohort."""

    person: Participant
    study: Study
    case: CohortCase

    @property
    def verdict(self) -> CohortVerdict | None:
        return self.case.verdict

    @property
    def blanks(self) -> Blanks | None:
        """The gate of the cohort that fits, criterion by criterion."""
        if self.verdict is None:
            return None
        gate = self.case.evaluate_gate(self.verdict.cohort)
        return Blanks(gate, make_address_finder(reading(), self.person))

    @property
    def is_ready(self) -> bool:
        """Whether the cohort can be recorded now."""
        blanks = self.blanks
        passes = blanks is not None and blanks.gate.verdict.is_passed
        return passes and self.person.status == Status.ENROLLED

    @property
    def links(self) -> tuple[FormLink, ...]:
        """Links to the blanks because of which the cohort is unknown."""
        if self.verdict is not None:
            return ()
        blanks = Blanks(self.case.no_gate, make_address_finder(reading(), self.person))
        return blanks.links(self.case.membership.unknown)


def _open_page(study: str, pid: str, action: Action) -> CohortPage:
    """Look a participant up. Raises NotFound; NotAllowed for masked readers and missing roles."""
    person = require_person(study, pid, action)
    known = definition(person)
    if not known.cohorts:
        raise NotFound("This study has no cohorts. Go back to the participant's page.")
    viewer(person).require_cohorts()
    return CohortPage(person, known, get_cohort_case(reading(), known, pid))


@bp.route("", methods=["GET", "POST"])
@allow(Action.COHORT_RECORD)
@keeps_typing
def record(study: str, pid: str) -> Response:
    """Record the cohort that fits, with its evidence."""
    page = _open_page(study, pid, Action.COHORT_RECORD)
    if page.case.recorded is not None:
        return make_response(redirect(url_for(".correct", study=study, pid=pid), 303))
    form = make_form(
        RecordForm, page.person, cohort=_get_cohort_name(page), seen=page.case.content_hash
    )

    def act(tx: Transaction) -> Answer:
        if not form.text("seen"):
            raise Refused(
                "The page was not received completely. Nothing was changed. Load the page again."
            )
        said = _read_evidence(form)
        service.record_cohort(tx, page.study, pid, said, seen=form.text("seen"))
        title = page.study.cohort(said.cohort).title
        return Answer(person_url(page.person), f"The cohort is recorded: {title}.")

    def draw(problem: Problem | None) -> str:
        return _draw_record(_open_page(study, pid, Action.COHORT_RECORD), form, problem)

    return do_act(form, act, draw)


@bp.route("/correct", methods=["GET", "POST"])
@allow(Action.COHORT_CORRECT)
@keeps_typing
def correct(study: str, pid: str) -> Response:
    """Correct a recorded cohort with a reason."""
    page = _open_page(study, pid, Action.COHORT_CORRECT)
    known = page.case.recorded
    if known is None:
        return make_response(redirect(url_for(".record", study=study, pid=pid), 303))
    form = make_form(
        CorrectForm,
        page.person,
        cohort=known.value,
        date=known.date,
        where_documented=service.describe_source(known),
    )
    form.cohort.choices = options({cohort.name: cohort.title for cohort in page.study.cohorts})

    def act(tx: Transaction) -> Answer:
        service.correct_cohort(
            tx, page.study, pid, _read_evidence(form), reason=form.text("reason")
        )
        return Answer(person_url(page.person), "The cohort is corrected. The history keeps both.")

    def draw(problem: Problem | None) -> str:
        return _draw_correct(_open_page(study, pid, Action.COHORT_CORRECT), form, problem)

    return do_act(form, act, draw)


def _read_evidence(form: ActForm) -> service.CohortEvidence:
    return service.CohortEvidence(
        form.text("cohort"), form.text("date"), form.text("where_documented")
    )


def _get_cohort_name(page: CohortPage) -> str:
    return page.verdict.cohort.name if page.verdict else ""


def _draw_record(page: CohortPage, form: ActForm, problem: Problem | None) -> str:
    blanks = page.blanks
    verdict = page.verdict
    asks = verdict is not None and verdict.cohort.evidence.document
    form["where_documented"].label.text = (
        "Source document" if asks else "Source document (optional)"
    )
    shown = ActPage(
        f"Record the cohort of {page.person.number}",
        "Record the cohort",
        intro=(STAYS,) if page.is_ready else (),
        template="cohorts/record.html",
        content={
            **_make_content(page),
            "obstacles": [
                *page.case.list_obstacles(),
                *_list_enrolment_obstacles(page),
                *(blanks.gate.unmet_words() if blanks else []),
            ],
            "criteria": blanks.criteria() if blanks else [],
        },
    )
    return _draw(page, shown, form if page.is_ready else None, problem)


def _list_enrolment_obstacles(page: CohortPage) -> list[str]:
    is_enrolled = page.person.status == Status.ENROLLED
    return [] if is_enrolled else [f"{page.person.number} is not enrolled yet."]


def _draw_correct(page: CohortPage, form: ActForm, problem: Problem | None) -> str:
    blanks = page.blanks
    unmet = [
        criterion
        for criterion in (blanks.criteria() if blanks else [])
        if criterion.tag != TAGS[Result.MET]
    ]
    shown = ActPage(
        f"Correct the cohort of {page.person.number}",
        "Correct the cohort",
        template="cohorts/correct.html",
        content={
            **_make_content(page),
            "obstacles": page.case.list_obstacles(),
            "criteria": unmet,
            "stays": _list_cohort_visits(page),
        },
    )
    return _draw(page, shown, form, problem)


def _list_cohort_visits(page: CohortPage) -> list[str]:
    """Return the entered visits that only some cohorts have."""
    visits = participants.list_visits(reading(), page.person.id)
    return [
        visit_title(page.study, visit)
        for visit in visits
        if visit.is_touched and page.study.visit(visit.slug).cohorts
    ]


def _draw(page: CohortPage, shown: ActPage, form: ActForm | None, problem: Problem | None) -> str:
    who = banner(page.person)
    return draw_act(shown, form, problem, WayBack(who.url, who.number), banner=who)


def _make_content(page: CohortPage) -> dict[str, Any]:
    return {"links": page.links, "rows": _list_rows(page), "columns": COLUMNS}


def _list_rows(page: CohortPage) -> list[SummaryRow]:
    """Return the cohort that fits and the values behind it."""
    verdict = page.verdict
    if verdict is None:
        return []
    found = SummaryRow("Cohort (derived)", verdict.cohort.title)
    return [found, *(SummaryRow(value.label, value.shown) for value in verdict.values)]
