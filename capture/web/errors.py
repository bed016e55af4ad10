"""Every way in which a request can fail, as a page in plain words; values never reach the log."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import current_user
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, InternalServerError

from capture.problems import NotAllowed, Problem
from capture.web.layout import ProblemPage
from capture.web.perform import put_refusal_on_record
from capture.web.request_context import end_reading

log = logging.getLogger("sarcomere")

WORDS = {
    400: ("The request could not be processed", "Go back, load the page again and try once more."),
    403: ("You may not do this", "Your role does not include this."),
    404: ("Page not found", "There is no such page, or it is not yours to see."),
    405: ("Page not available", "Go back and use the buttons and links of the page."),
    413: (
        "Too much was sent at once",
        "Nothing was changed. A form may hold 4 million letters and a file 16 MB: send less.",
    ),
    429: ("Too many attempts", "Wait a few minutes, then try again."),
    503: ("The database does not answer", "Nothing was changed. Try again in a moment."),
}
OWN_WORDS = (400, 403, 413)
"""For these our own code gives a more exact reason than the table does."""


class QuietFlask(Flask):
    """Flask that logs where a request failed, under a reference number, and none of its values."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Views and hooks are plain functions here: none needs a look at each request."""
        return func

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None] | None,
    ) -> None:
        g.reference = secrets.token_hex(4)
        kind, problem, _trace = exc_info or (None, None, None)
        if problem is None:
            return
        frames = traceback.extract_tb(problem.__traceback__)
        places = " < ".join(f"{f.name} {f.filename}:{f.lineno}" for f in reversed(frames))
        name = kind.__name__ if kind else ""
        log.error("%s: %s at %s: %s", g.reference, request.endpoint, name, places)


def install(app: Flask) -> None:
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, _cut_up)
    app.register_error_handler(InternalServerError, _broken)
    app.register_error_handler(sa.exc.OperationalError, _no_database)
    app.register_error_handler(sa.exc.InterfaceError, _no_database)
    app.register_error_handler(sa.exc.TimeoutError, _no_database)


def problem_page(
    title: str, words: str, status: int, reference: str | None = None, *, back_url: str = "/"
) -> Response:
    """One failure as a page, or as JSON for a script that asked."""
    g.is_failing = status >= 500
    if wants_json():
        return make_response(jsonify(title=title, message=words, reference=reference), status)
    page = ProblemPage(title, (words,), back_url=back_url, reference=reference)
    return make_response(render_template("problem.html", problem=page), status)


def _problem(problem: Problem) -> Response:
    if isinstance(problem, NotAllowed) and current_user.is_authenticated:
        put_refusal_on_record(problem)
    return problem_page(problem.title, problem.message, problem.status)


def _http(problem: HTTPException) -> Response:
    code = problem.code or 500
    if code < 400:
        return make_response(problem.get_response())
    title, words = WORDS.get(code, (problem.name, "Go back and try again."))
    is_ours = code in OWN_WORDS and problem.description not in (type(problem).description, None)
    page = problem_page(title, str(problem.description) if is_ours else words, code)
    for name, value in problem.get_headers():
        if name == "Allow":
            page.headers[name] = value
    return page


def _cut_up(_problem: ParseException) -> Response:
    """A body sent in pieces that cannot be put together, which is read only as it is asked for."""
    return problem_page(*WORDS[400], 400)


def _broken(_problem: InternalServerError) -> Response:
    end_reading()
    words = (
        "Something went wrong in the program. What you sent may not have been stored: look before "
        "you repeat it."
    )
    return problem_page("There is a problem with Sarcomere", words, 500, g.get("reference"))


def _no_database(problem: Exception) -> Response:
    end_reading()
    reference = secrets.token_hex(4)
    log.error("%s: %s: the database does not answer", reference, type(problem).__name__)
    title, words = WORDS[503]
    return problem_page(title, words, 503, reference)


def wants_json() -> bool:
    """Return whether a script asked, which is answered in JSON."""
    return request.is_json or request.accept_mimetypes.best == "application/json"
