"""What every request passes before its view: readable text, a sign-in, a role that may."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import BadRequest, Forbidden, RequestEntityTooLarge, ServiceUnavailable
from werkzeug.wrappers import Response

from capture.access import PUBLIC, SIGNED_IN, Action, Actor
from capture.ledger.canonical import is_writable
from capture.problems import Locked, NotAllowed, NotFound
from capture.web.identity import web_session
from capture.web.perform import UploadAllowance, actor, put_refusal_on_record

URLENCODED = "application/x-www-form-urlencoded"
MOST_READ_AWAY = 500_000_000
PIECE = 1 << 16
UNREADABLE = (
    "What was sent holds a character that cannot be stored (a NUL, or bytes that are no text). "
    "Nothing was changed. Go back, remove it, and send again."
)
OPEN_WHILE_PASSWORD_IS_OLD = (
    "accounts.password",
    "accounts.change_password",
    "accounts.sign_out",
    "accounts.keep",
)
OPEN_WHILE_LOCKED = (
    "accounts.unlock",
    "accounts.sign_out",
    "accounts.sign_in_form",
    "accounts.sign_in",
    "pages.healthz",
)
"""Going on, leaving, and somebody else signing in, which ends the locked session."""


def refuse_unreadable() -> None:
    """400 for NUL, half letters and bytes that are not UTF-8, in the address or the posted form."""
    _make_room_for_files()
    _refuse_bytes(request.query_string)
    _refuse_text(request.path)
    if "\ufffd" in request.path:
        raise BadRequest(UNREADABLE)
    if request.mimetype == URLENCODED:
        if (request.content_length or 0) > current_app.config["MAX_FORM_MEMORY_SIZE"]:
            raise RequestEntityTooLarge
        _refuse_bytes(request.get_data(cache=True, parse_form_data=False))
    elif request.is_json:
        _refuse_json()
    _refuse_text("".join(name + value for name, value in request.form.items(multi=True)))
    for name, file in request.files.items(multi=True):
        _refuse_text(name + (file.filename or ""))


def _make_room_for_files() -> None:
    """Let a form bring what its files need, from whoever may save there; 413 for even more."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    length, usual = request.content_length or 0, current_app.config["MAX_CONTENT_LENGTH"]
    if not hasattr(view, "room") or length <= usual or web_session().is_unreachable:
        return
    places = request.view_args or {}
    if not current_user.is_authenticated or not actor().may(view.allowed_action, places["study"]):
        return
    room: UploadAllowance = view.room(**places)
    if not room.most_bytes:
        return
    most = max(usual, current_app.config["MAX_FORM_MEMORY_SIZE"] + room.most_bytes)
    if length > most:
        _read_away()
        raise RequestEntityTooLarge(room.words)
    request.max_content_length = most


def _read_away() -> None:
    """Take what is sent and drop it: a browser still sending would never read our answer."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, MOST_READ_AWAY)
    while left > 0 and (read := stream.read(min(left, PIECE))):
        left -= len(read)


def refuse_by_default() -> Response | None:
    """Let a request through only where the view is marked and the person's role includes it."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    if web_session().is_unreachable:
        raise ServiceUnavailable
    action = getattr(current_app.view_functions[request.endpoint], "allowed_action", None)
    if action is None:
        raise Forbidden("This page is not open to anybody.")
    if action == PUBLIC:
        return None
    person = actor()
    if current_user.must_change_password and request.endpoint not in OPEN_WHILE_PASSWORD_IS_OLD:
        return redirect(url_for("accounts.password"), 303)
    if action != SIGNED_IN:
        _refuse_without_role(person, action, (request.view_args or {}).get("study"))
    return None


def refuse_locked() -> None:
    """A locked session gets nothing but the way to go on: not even whether a page exists."""
    if web_session().is_locked and request.endpoint not in OPEN_WHILE_LOCKED:
        raise Locked("The screen is locked. Give your password to go on.")


def _refuse_without_role(person: Actor, action: Action, study: str | None) -> None:
    if study is not None and all(grant.study != study for grant in person.grants):
        raise NotFound("There is no such page, or it is not yours to see.")
    if not person.may(action, study):
        problem = NotAllowed("Your role does not include this.")
        put_refusal_on_record(problem)
        raise problem


def _refuse_bytes(raw: bytes) -> None:
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as problem:
        raise BadRequest(UNREADABLE) from problem
    _refuse_text(text)


def _refuse_text(text: str) -> None:
    if not is_writable(text):
        raise BadRequest(UNREADABLE)


def _refuse_json() -> None:
    try:
        _refuse_in(request.get_json(silent=True))
    except RecursionError as problem:
        raise BadRequest("What was sent is nested too deeply. Nothing was changed.") from problem


def _refuse_in(value: Any) -> None:
    if isinstance(value, str):
        _refuse_text(value)
    elif isinstance(value, list):
        for part in value:
            _refuse_in(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            _refuse_text(name)
            _refuse_in(part)


def install(app: Flask) -> None:
    """Put both gates before every view; unreadable text is refused before anything reads it."""
    app.before_request(refuse_unreadable)
    app.before_request(refuse_locked)
    app.before_request(refuse_by_default)
