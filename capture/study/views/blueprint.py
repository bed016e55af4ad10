"""The blueprint that the pages of studies hang on, and what they all need to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template

from capture.chrome import PageError
from capture.parts import Column
from capture.problems import InvalidInput, Problem
from capture.study.views.forms import PageForm

bp = Blueprint("study", "capture.study", template_folder="templates")


def page(template: str, *, errors: Sequence[PageError] = (), **content: object) -> str:
    """Draw one page of this feature; templates make their column heads with `columns`."""
    return render_template(f"study/{template}", errors=tuple(errors), columns=_columns, **content)


def errors_for(problem: Problem | None, form: PageForm | None) -> list[PageError]:
    """The error summary: what the form found itself, and what a service said of it.

    A problem that names a control marks it; any other leads to the top of the page.
    """
    if problem is not None and not (isinstance(problem, InvalidInput) and _marked(problem, form)):
        return [PageError(problem.message, "#main-content")]
    return list(form.page_errors()) if form is not None else []


def _columns(*texts: str) -> list[Column]:
    return [Column(text) for text in texts]


def _marked(problem: InvalidInput, form: PageForm | None) -> bool:
    return form is not None and form.mark(problem.field, problem.message)
