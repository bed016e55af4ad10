"""The sign-in page, which several ways lead to."""

from __future__ import annotations

from flask import current_app, render_template, request, session
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from capture.accounts import demonstration, kept_forms
from capture.accounts.forms import SignInForm
from capture.accounts.sessions import Session
from capture.chrome import PageError
from capture.wiring import end_reading, services

KEPT = (
    "Your session had ended, so nothing was stored. What you typed is kept for an hour and is put "
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
    "kept for an hour: follow Back, look at it and send it again."
)
TOO_OLD = "This page had been open for too long. Enter your details again."
ENDED = "Your session has ended. Sign in again; you come back to this page."


def sign_in_page(form: SignInForm, *, notice: str = "", errors: tuple[PageError, ...] = ()) -> str:
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


def sign_in_again() -> str:
    """The sign-in page in place of one that needs a session; a post's typed values are kept."""
    ended: Session | None = session.ended  # type: ignore[attr-defined]
    is_post = request.method not in ("GET", "HEAD")
    notice = ENDED if ended else ""
    if is_post:
        kept = ended is not None and _carries_token_of(ended) and keep_typing(ended.user)
        notice = KEPT if kept else NOT_KEPT
    return sign_in_page(SignInForm(data={"next": way_back()}), notice=notice)


def keep_typing(user: str) -> bool:
    """Keep what was posted for this person, where the view can put it back; says whether it did."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "keeps_typing", False):
        return False
    end_reading()
    typed = list(request.form.items(multi=True))
    # Of a file the name alone is kept, so that the form can ask for it again.
    chosen = [(name, file.filename) for name, file in request.files.items(multi=True)]
    typed += [(f"{name}__chosen", file) for name, file in chosen if file]
    with services().database.writing() as connection:
        return kept_forms.keep(connection, services().concealment, user, _here(), typed)


def way_back() -> str:
    """This address if it can be opened as a page, else home."""
    adapter = current_app.create_url_adapter(request)
    has_page = adapter is not None and adapter.test(request.path, "GET")
    return _here() if has_page else "/"


def is_ours(address: str) -> bool:
    """Whether an address stays on this site, so that a sign-in may lead there."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\"))
    return plain and address.isprintable() and "\\" not in address


def _carries_token_of(ended: Session) -> bool:
    """Whether the post carries the token of the session that has ended."""
    session["csrf_token"] = ended.data["csrf_token"]
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    finally:
        session.pop("csrf_token")
    return True


def _here() -> str:
    return request.full_path if request.query_string else request.path
