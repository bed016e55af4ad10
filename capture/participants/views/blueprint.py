"""The blueprint of participants' pages, and how a page of one act is drawn and done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, render_template, request, url_for

from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.act_forms import ActForm
from capture.participants.links import person_url
from capture.participants.person_pages import banner, problems_of
from capture.participants.rows import Participant
from capture.problems import Problem
from capture.study import reads as study_reads
from capture.web import Answer, actor, kept_form, perform, reading

bp = Blueprint(
    "participants",
    "capture.participants",
    template_folder="templates",
    url_prefix="/studies/<study>/participants",
)


AnyForm = TypeVar("AnyForm", bound=ActForm)


@dataclass(frozen=True)
class ActPage:
    """The page of one act: heading, words before the form, the button that names the act."""

    title: str
    button: str
    intro: tuple[str, ...] = ()
    is_grave: bool = False


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"participants/{template}", **content)


def do_act(
    page: ActPage,
    form: ActForm,
    act: Callable[[Transaction], Answer],
    *,
    person: Participant | None = None,
    back_url: str = "",
) -> Response:
    """Show an act's form, or check what was sent and do it; problems stand beside their field."""

    def draw(problem: Problem | None = None) -> str:
        # Drawn after a refused write, so everything is read anew.
        return _draw(page, form, problem, person=person, back_url=back_url)

    if request.method == "GET":
        return make_response(draw())
    if not form.validate():
        return make_response(draw(), 422)
    return perform(act, again=draw)


def _draw(
    page: ActPage,
    form: ActForm,
    problem: Problem | None,
    *,
    person: Participant | None,
    back_url: str,
) -> str:
    return render(
        "act.html",
        page=page,
        form=form,
        errors=problems_of(form, problem),
        banner=banner(person) if person else None,
        back_url=back_url
        or (
            person_url(person)
            if person
            else url_for(".index", study=(request.view_args or {})["study"])
        ),
    )


def new_form(kind: type[AnyForm], person: Participant, **stored: object) -> AnyForm:
    """A form about a person with what was posted, or what was typed before a session ended."""
    sent = request.form if request.method == "POST" else kept_form()
    return kind(sent, today=reads.today_at(reading(), person.study, person.site), **stored)


def sites_of(connection: sa.Connection, study: str, action: Action) -> list[study_reads.Site]:
    """The sites where the actor may do something."""
    mine = study_reads.sites(connection, actor(), study)
    return [site for site in mine if actor().may(action, study, site.slug)]


def site_options(connection: sa.Connection, study: str, action: Action) -> list[tuple[str, str]]:
    """The same as slugs and names, to choose from."""
    return [(site.slug, site.name) for site in sites_of(connection, study, action)]
