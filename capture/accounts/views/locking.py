"""Locking the screen of a shared computer, and going on with the password."""

from __future__ import annotations

from typing import cast

from flask import Response, make_response, redirect, request

from capture.access import SIGNED_IN, allow
from capture.accounts import redirects, service
from capture.accounts.forms import UnlockForm
from capture.accounts.views.blueprint import bp
from capture.accounts.web_identity import server_session
from capture.ledger.service import transaction
from capture.problems import Throttled, WrongPassword
from capture.web.layout import PageError
from capture.web.perform import actor, check_password, services
from capture.web.request_context import end_reading


@bp.post("/session/lock")
@allow(SIGNED_IN)
def lock() -> Response:
    """Show nothing more in this session; the page that was open answers with the lock."""
    session, who, installation = server_session(), actor(), services()
    end_reading()
    with transaction(installation.database, who, installation.concealment) as tx:
        service.lock(tx, session.token_hash)
    return _redirect_back(request.form.get("next", "/"))


@bp.post("/session/unlock")
@allow(SIGNED_IN)
def unlock() -> Response:
    """Go on where the screen was locked, after the password."""
    session, who, installation = server_session(), actor(), services()
    form = UnlockForm(request.form)
    try:
        check_password(form.password.data or "")
    except (WrongPassword, Throttled) as problem:
        errors = (PageError(problem.message, "#password"),)
        form.password.errors = [problem.message]
        return make_response(
            redirects.make_lock_page(who.name, form, errors=errors), problem.status
        )
    with transaction(installation.database, who, installation.concealment) as tx:
        service.unlock(tx, session.token_hash)
    return _redirect_back(form.next.data or "/")


def _redirect_back(address: str) -> Response:
    return cast(Response, redirect(address if redirects.is_ours(address) else "/", 303))
