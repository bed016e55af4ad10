"""The blueprint of these pages, and how the page of one act is drawn and done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, render_template, request

from capture.access import Action
from capture.chrome import PageError
from capture.components import errors_of
from capture.corrections.views.forms import ActForm
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.banners import banner_of
from capture.participants.links import put_right_url
from capture.participants.rows import Participant
from capture.parts import ParticipantBanner
from capture.problems import InvalidInput, NotAllowed, Problem
from capture.study import reads as study_reads
from capture.web import Answer, actor, perform, reading
from forms.definition import Study

bp = Blueprint(
    "corrections", "capture.corrections", template_folder="templates", url_prefix="/studies/<study>"
)
PERSON = "/participants/<pid>/put-right"


@dataclass(frozen=True)
class ActPage:
    """The page of one act. does, does_not: what happens and what does not, in sentences."""

    title: str
    button: str
    does: tuple[str, ...] = ()
    does_not: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = field(default=())


def require_person(study: str, pid: str, action: Action) -> Participant:
    """The participant an act is about. Raises NotFound; NotAllowed for too small a role."""
    person = reads.participant(reading(), actor(), study, pid)
    if not actor().may(action, study, person.site):
        raise NotAllowed("Your role does not include this here.")
    return person


def definition(person: Participant) -> Study:
    """The study as it is in force at the person's site."""
    return study_reads.definition_for(reading(), person.study, person.site)


def banner(person: Participant) -> ParticipantBanner:
    """Who a page is about."""
    connection = reading()
    site = study_reads.site(connection, person.study, person.site).name
    facts = reads.dated_facts(connection, person.id)
    return banner_of(actor(), definition(person), person, site=site, facts=facts)


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"corrections/{template}", **content)


def do_act(
    page: ActPage,
    form: ActForm,
    person: Participant,
    act: Callable[[Transaction], Answer],
) -> Response:
    """Show an act's form, or check what was sent and do it; problems stand beside their field."""

    def draw(problem: Problem | None = None) -> str:
        fresh = reads.participant(reading(), actor(), person.study, person.id)
        return render(
            "act.html",
            page=page,
            form=form,
            errors=problems_of(form, problem),
            banner=banner(fresh),
            back_url=put_right_url(fresh),
        )

    if request.method == "GET":
        return make_response(draw())
    if not form.validate():
        return make_response(draw(), 422)
    return perform(act, again=draw)


def problems_of(form: ActForm, problem: Problem | None) -> list[PageError]:
    """What the summary at the top of a page lists: each wrong field, and what the act ran into."""
    if isinstance(problem, InvalidInput) and form.mark(problem.field, problem.message):
        return list(errors_of(form))
    found = list(errors_of(form))
    return found if problem is None else [*found, PageError(problem.message, "#main-content")]
