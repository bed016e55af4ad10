"""What the accounts do for the web core: sessions, people, passwords, forms kept for somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import sqlalchemy as sa
from flask import Flask, Response, make_response, request, session
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError

from capture.access import Actor
from capture.accounts import pending_forms, redirects, sign_in
from capture.accounts.forms import SignInForm
from capture.accounts.session_interface import ServerSession, ServerSessions
from capture.accounts.sessions import IDLE, Browser
from capture.accounts.user_loader import is_still_signed_in, load_person
from capture.problems import Locked, NotSignedIn
from capture.web.errors import problem_page, wants_json
from capture.web.identity import provide_identity
from capture.web.perform import way_back
from capture.web.request_context import reading, services


class AccountIdentities:
    """Answers the web core from accounts, sessions and kept forms."""

    idle_limit: timedelta = IDLE

    def find_actor(self, connection: sa.Connection, user: str, token_hash: str) -> Actor | None:
        return is_still_signed_in(connection, user, token_hash)

    def check_password(self, actor: Actor, typed: str) -> None:
        sign_in.check_password(
            get_desk(), actor, sign_in.Credentials(actor.email, typed, get_browser())
        )

    def find_kept_form(self, user: str, path: str, since: str) -> list[tuple[str, str]] | None:
        return pending_forms.find(reading(), services().concealment, user, path, since=since)

    def forget_kept_form(self, connection: sa.Connection, user: str, path: str) -> None:
        pending_forms.forget(connection, user, path)

    def is_private(self, field: str) -> bool:
        return pending_forms.is_private(field)


def install(app: Flask) -> None:
    """Give the application its sessions, its people, and the pages of who is not signed in."""
    app.session_interface = ServerSessions()
    provide_identity(app, AccountIdentities())
    login = LoginManager()
    # Without its context processor: a page about a lost database must not ask the database.
    login.init_app(app, add_context_processor=False)
    login.session_protection = None
    login.user_loader(load_person)
    app.register_error_handler(NotSignedIn, _answer_not_signed_in)
    app.register_error_handler(Locked, _answer_locked)
    app.register_error_handler(CSRFError, _answer_forged)


def server_session() -> ServerSession:
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]


def get_browser() -> Browser:
    """Where this request comes from."""
    return Browser(request.remote_addr or "", request.headers.get("User-Agent", ""))


def get_desk() -> sign_in.SignInDesk:
    """Where this installation checks credentials."""
    known = services()
    return sign_in.SignInDesk(known.database, known.concealment, known.config.secret_key)


def _answer_not_signed_in(problem: NotSignedIn) -> Response:
    if wants_json():
        return problem_page(problem.title, problem.message, problem.status)
    return make_response(redirects.render_sign_in_again(), problem.status)


def _answer_locked(problem: Locked) -> Response:
    if wants_json():
        return problem_page(problem.title, problem.message, problem.status)
    person = current_user.actor
    return make_response(redirects.render_lock_page(person.name, person.id), problem.status)


def _answer_forged(_problem: CSRFError) -> Response:
    if request.endpoint == "accounts.sign_in":
        page = redirects.render_sign_in_page(SignInForm(request.form), notice=redirects.TOO_OLD)
        return make_response(page, 400)
    words, is_there = redirects.NOT_ACCEPTED, False
    if current_user.is_authenticated:
        words, is_there = redirects.describe_refused_form(current_user.get_id())
    back = way_back() if is_there else "/"
    return problem_page("The form could not be accepted", words, 400, back_url=back)
