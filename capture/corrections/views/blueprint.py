"""The blueprint of these pages, and how the page of one act is drawn and done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, render_template, request

from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.act_forms import ActForm
from capture.participants.links import put_right_url
from capture.participants.person_pages import banner, problems_of
from capture.participants.rows import Participant
from capture.problems import Problem
from capture.web import Answer, actor, perform, reading

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
