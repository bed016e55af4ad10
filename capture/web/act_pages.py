"""How every page of an act is drawn and done: form, refusals beside their field, one act a POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, make_response, render_template, request

from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem, WrongPassword
from capture.web.act_forms import ActForm, Sent
from capture.web.layout import PageError
from capture.web.page_data import ParticipantBanner
from capture.web.perform import Answer, kept_form, perform
from capture.web.templating import errors_of

TOP = "#main-content"


@dataclass(frozen=True)
class ActPage:
    """The page of one act: what it is called, what it does, and the button that does it.

    intro: paragraphs before the form. does, does_not: two lists of sentences, to be confirmed.
    signing: what is done in the name that stands beside the button (`Signing`).
    template: `act.html`, or one that extends it and shows `content` before or after the form.
    """

    title: str
    button: str
    intro: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    does_not: tuple[str, ...] = ()
    caption: str = ""
    is_grave: bool = False
    signing: str = ""
    template: str = "act.html"
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class WayBack:
    """Where an act's page leads back to, also when it is cancelled."""

    url: str
    text: str = "Back"


def sent_form() -> Sent:
    """Return what was posted, or what was typed before a session ended; None for an empty form."""
    return request.form if request.method == "POST" else kept_form()


def do_act(
    form: ActForm,
    act: Callable[[Transaction], Answer],
    draw: Callable[[Problem | None], str],
) -> Response:
    """Show an act's form, or check what was sent and do it once.

    draw: the page with this form on it, read anew, as it is also drawn after a refused write.
    Where the form has a control for the password it is checked before the transaction.
    """
    if request.method == "GET":
        return make_response(draw(None))
    if not form.validate():
        return make_response(draw(None), 422)
    return perform(act, again=draw, password=form.password_name)


def draw_act(
    page: ActPage,
    form: ActForm | None,
    problem: Problem | None,
    back: WayBack,
    *,
    banner: ParticipantBanner | None = None,
) -> str:
    """Return the page of one act; without a form it only shows what stands before it."""
    return render_template(
        page.template,
        page=page,
        form=form,
        errors=list_errors(problem, *([form] if form else [])),
        back=back,
        banner=banner,
        **page.content,
    )


def list_errors(problem: Problem | None, *forms: ActForm) -> list[PageError]:
    """The error summary: what the forms found, and what a service said, at its control if any."""
    is_marked = problem is not None and any(_mark(form, problem) for form in forms)
    found = [
        error
        for form in forms
        for error in errors_of(field for _, field in form.list_shown_fields())
    ]
    if problem is None or is_marked:
        return found
    return [PageError(problem.message, TOP), *found]


def _mark(form: ActForm, problem: Problem) -> bool:
    if isinstance(problem, WrongPassword) and form.password_name:
        return form.mark(form.password_name.removeprefix(f"{form.act}-"), problem.message)
    return isinstance(problem, InvalidInput) and form.mark(problem.field, problem.message)
