"""Signing in and out."""

from __future__ import annotations

from typing import cast

from flask import Response, make_response, redirect, request, url_for

from capture.access import PUBLIC, SIGNED_IN, allow
from capture.accounts import redirects, service
from capture.accounts import sign_in as signing_in
from capture.accounts.forms import SignInForm
from capture.accounts.sign_in import Credentials
from capture.accounts.views.blueprint import bp
from capture.accounts.web_identity import get_browser, get_desk, server_session
from capture.ledger.service import transaction
from capture.problems import NotSignedIn, Throttled
from capture.web.layout import PageError
from capture.web.perform import actor, is_signed_in, services
from capture.web.request_context import end_reading
from capture.web.templating import errors_of


@bp.get("/sign-in")
@allow(PUBLIC)
def sign_in_form() -> Response:
    target = request.args.get("next", "/")
    if is_signed_in() and not server_session().is_locked:
        return cast(Response, redirect(target if redirects.is_ours(target) else "/", 303))
    return make_response(redirects.render_sign_in_page(SignInForm(data={"next": target})))


@bp.post("/sign-in")
@allow(PUBLIC)
def sign_in() -> Response:
    form = SignInForm(request.form)
    if not form.validate():
        return make_response(redirects.render_sign_in_page(form, errors=errors_of(form)), 422)
    typed = Credentials(form.email.data or "", form.password.data or "", get_browser())
    try:
        token = _start_session(typed)
    except (NotSignedIn, Throttled) as problem:
        errors = (PageError(problem.message, "#email"),)
        return make_response(redirects.render_sign_in_page(form, errors=errors), problem.status)
    server_session().begin(token)
    target = form.next.data or "/"
    return cast(Response, redirect(target if redirects.is_ours(target) else "/", 303))


@bp.post("/sign-out")
@allow(SIGNED_IN)
def sign_out() -> Response:
    session, who, known = server_session(), actor(), services()
    end_reading()
    with transaction(known.database, who, known.concealment) as tx:
        service.sign_out(tx, session.token_hash)
    session.finish()
    return cast(Response, redirect(url_for("accounts.sign_in_form"), 303))


@bp.get("/session/keep")
@allow(SIGNED_IN)
def keep() -> Response:
    """Asked by the idle warning: any request keeps a session, this one answers with nothing."""
    return make_response("", 204)


def _start_session(typed: Credentials) -> str:
    old_token_hash = server_session().token_hash
    end_reading()
    return signing_in.sign_in(get_desk(), typed, old_token_hash=old_token_hash)
