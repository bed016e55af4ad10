"""The sign-in and the lock page, and what happens to a form sent without a session."""

from __future__ import annotations

from typing import cast

from flask import current_app, render_template, request, session
from itsdangerous import BadData, URLSafeTimedSerializer

from capture.accounts import demonstration, pending_forms, reads, sessions
from capture.accounts.forms import SignInForm, UnlockForm
from capture.accounts.session_interface import ServerSession
from capture.accounts.sessions import Session
from capture.web.layout import PageError
from capture.web.perform import current_path, way_back
from capture.web.request_context import end_reading, reading, services

CSRF_SALT = "wtf-csrf-token"
"""Flask-WTF's own: with it the tokens of forms are signed."""

KEPT = (
    "Your session had ended, so nothing was stored. What you typed is kept for a day and is put "
    "back into the form when you sign in again with the same account."
)
NOT_KEPT = (
    "Your session had ended before this was sent, so nothing was stored. Sign in and do it again."
)
NOT_ACCEPTED = (
    "This page was too old, or the form did not come from this site. Nothing was changed. "
    "Go back, load the page again and send it once more."
)
KEPT_HERE = (
    "You have signed in again since this page was opened, so nothing was stored. What you typed is "
    "kept for a day: follow Back, look at it and send it again."
)
ANOTHERS = "This page was opened by {name}, and now you are signed in here. Nothing was stored. "
KEPT_FOR_ANOTHER = ANOTHERS + (
    "What was typed is kept for {name}, who finds it at the next sign-in within a day. You do not "
    "see it: open the page again to enter something yourself."
)
NOT_KEPT_FOR_ANOTHER = ANOTHERS + "Open the page again to do it yourself."
KEPT_BEHIND_THE_LOCK = (
    "Nothing was stored, because the screen was locked. What you typed is put back into the form "
    "when you give your password."
)
TOO_OLD = "This page had been open for too long. Enter your details again."
ENDED = "Your session has ended. Sign in again; you come back to this page."


def render_sign_in_page(
    form: SignInForm, *, notice: str = "", errors: tuple[PageError, ...] = ()
) -> str:
    """The form; `notice` says why it is shown, `errors` what was wrong with the last attempt."""
    accounts = demonstration.ACCOUNTS if services().config.demo else ()
    return render_template(
        "accounts/sign_in.html",
        form=form,
        notice=notice,
        errors=errors,
        demonstration=accounts,
        demonstration_password=demonstration.PASSWORD if accounts else "",
    )


def render_sign_in_again() -> str:
    """The sign-in page in place of one that needs a session; a post's typed values are kept."""
    ended = cast(ServerSession, session).ended
    notice = ENDED if ended else ""
    if is_post():
        opened = find_session_of_form()
        notice = KEPT if opened is not None and keep_typing(opened.user) else NOT_KEPT
    return render_sign_in_page(SignInForm(data={"next": way_back()}), notice=notice)


def make_lock_page(
    name: str, form: UnlockForm, *, notice: str = "", errors: tuple[PageError, ...] = ()
) -> str:
    """Return what a locked session shows instead of anything else; name: who locked it."""
    return render_template(
        "accounts/locked.html", name=name, form=form, notice=notice, errors=errors
    )


def render_lock_page(name: str, user: str) -> str:
    """Return the lock page in place of what was asked for; a post's typed values are kept."""
    opened = find_session_of_form() if is_post() else None
    kept = opened is not None and opened.user == user and keep_typing(user)
    notice = KEPT_BEHIND_THE_LOCK if kept else ""
    return make_lock_page(name, UnlockForm(data={"next": way_back()}), notice=notice)


def describe_refused_form(user: str) -> tuple[str, bool]:
    """Return the words about a form whose token is not this session's, and whether it can be found.

    What was typed is kept for whoever opened the form, and for nobody else.
    """
    opened = find_session_of_form()
    if opened is None:
        return NOT_ACCEPTED, False
    kept = keep_typing(opened.user)
    if opened.user == user:
        return (KEPT_HERE if kept else NOT_ACCEPTED), kept
    name = reads.get_account(reading(), opened.user).name
    return (KEPT_FOR_ANOTHER if kept else NOT_KEPT_FOR_ANOTHER).format(name=name), False


def is_post() -> bool:
    return request.method not in ("GET", "HEAD")


def find_session_of_form() -> Session | None:
    """Return the session in which the form that came was opened: its token is signed by us."""
    signer = URLSafeTimedSerializer(services().config.secret_key, salt=CSRF_SALT)
    try:
        token = signer.loads(request.form.get("csrf_token", ""))
    except BadData:
        return None
    return sessions.find_session_of_form(reading(), token) if isinstance(token, str) else None


def keep_typing(user: str) -> bool:
    """Keep what was posted for this person, if the view can restore it; return whether it did."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "keeps_typing", False):
        return False
    end_reading()
    typed = list(request.form.items(multi=True))
    # Of a file the name alone is kept, so that the form can ask for it again.
    chosen = [(name, file.filename) for name, file in request.files.items(multi=True)]
    typed += [(f"{name}__chosen", file) for name, file in chosen if file]
    with services().database.writing() as connection:
        return pending_forms.keep(connection, services().concealment, user, current_path(), typed)


def is_ours(address: str) -> bool:
    """Return whether an address stays on this site, so that a sign-in may lead there."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return plain and address.isprintable() and "\\" not in address
