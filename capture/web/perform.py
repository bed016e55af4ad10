"""What views use: the services, the actor, the read connection, and `perform` for every change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Response, current_app, flash, g, make_response, redirect, request, session
from flask_login import current_user, logout_user
from werkzeug.datastructures import FileStorage, MultiDict

from capture.access import SYSTEM, Actor
from capture.ledger import canonical
from capture.ledger.service import (
    Transaction,
    refuse,
    store_answer,
    stored_answer,
    transaction,
)
from capture.problems import Busy, Conflict, InvalidInput, NotFound, NotSignedIn, Problem, Refused
from capture.web.identity import USER, identity, web_session
from capture.web.request_context import Services, end_reading, reading, services

__all__ = [
    "Answer",
    "Services",
    "UploadAllowance",
    "acting",
    "actor",
    "check_password",
    "current_path",
    "is_signed_in",
    "keeps_typing",
    "kept_form",
    "perform",
    "put_refusal_on_record",
    "reading",
    "services",
    "takes_files",
    "way_back",
]

REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Answer:
    """Where a finished act leads: an address of ours, and the words shown there.

    kind: success or problem. once: words shown this one time and stored nowhere (a first password).
    """

    location: str
    message: str = ""
    kind: str = "success"
    once: str = ""


Act = Callable[[Transaction], Answer]
Again = Callable[[Problem], str]


def actor() -> Actor:
    """Return the signed-in person. Raises NotSignedIn."""
    if not current_user.is_authenticated:
        raise NotSignedIn("Sign in to see this page.")
    return cast(Actor, g.get("acting") or current_user.actor)


def acting(connection: sa.Connection) -> Actor:
    """Return the signed-in person as of a write transaction, in which everything is decided anew.

    A role may have ended, an account been closed, since the request began. Raises NotSignedIn.
    """
    session = web_session()
    found = identity().find_actor(connection, actor().id, session.token_hash)
    if found is None:
        session.lose()
        logout_user()
        raise NotSignedIn("Your session has ended. Sign in again.")
    g.acting = found
    return found


def current_path() -> str:
    """This page's address inside the application, with its query."""
    return request.full_path if request.query_string else request.path


def way_back() -> str:
    """This address if it can be opened as a page, else home."""
    adapter = current_app.create_url_adapter(request)
    has_page = adapter is not None and adapter.test(request.path, "GET")
    return current_path() if has_page else "/"


def keeps_typing(view: View) -> View:
    """Mark a form's view that puts typed values back with `kept_form` after a new sign-in."""
    view.keeps_typing = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class UploadAllowance:
    """How many bytes of files a form may bring; words: what is said when more arrive."""

    most_bytes: int
    words: str = ""


def takes_files(room: Callable[..., UploadAllowance]) -> Callable[[View], View]:
    """Mark a form's view that files come to; room: how much of them, by its arguments."""

    def mark(view: View) -> View:
        view.room = room  # type: ignore[attr-defined]
        return view

    return mark


def kept_form(path: str | None = None, *, since: str = "") -> MultiDict[str, str] | None:
    """Return what this person had typed at this address when the session ended, for one day.

    since: the instant of what else the page could show; what was kept before that is older.
    """
    where = path or current_path()
    found = identity().find_kept_form(actor().id, where, since)
    return None if found is None else MultiDict(found)


def check_password(typed: str) -> None:
    """Ask for the signed-in person's password again, as randomising and signing do.

    Call it before the transaction: the hash takes long. Raises WrongPassword, Throttled.
    """
    person = actor()
    end_reading()
    identity().check_password(person, typed)


def perform(act: Act, *, again: Again | None = None, password: str | None = None) -> Response:
    """Do one act for a POST, once, and answer with a redirect to where it leads.

    act: runs in the write transaction; must be safe to run anew when another act came between.
    again: renders the page with the typed values after a Problem; its own page without this.
    password: name of a form field that must hold the actor's password.
    """
    who = actor()
    end_reading()
    try:
        if password is not None:
            check_password(request.form.get(password, ""))
        answer = _once(who, act)
    except Problem as problem:
        _put_on_record(who, problem)
        end_reading()
        if again is None or isinstance(problem, NotSignedIn):
            raise
        return make_response(again(problem), problem.status)
    for words in (answer.message, answer.once):
        if words:
            flash(words, answer.kind)
    return cast(Response, redirect(answer.location, 303))


def _once(who: Actor, act: Act) -> Answer:
    request_id = request.form.get("request_id", "")
    if not REQUEST_ID.fullmatch(request_id):
        raise Refused("The form came without its number. Nothing was changed. Load the page again.")
    try:
        return _attempt(who, act, request_id)
    except sa.exc.IntegrityError:
        # Another act came between, perhaps the same one by a double click: look again, once.
        try:
            return _attempt(who, act, request_id)
        except sa.exc.IntegrityError as problem:
            raise Conflict(
                "Somebody else did this at the same moment. Nothing was changed. "
                "Load the page again."
            ) from problem


def _attempt(who: Actor, act: Act, request_id: str) -> Answer:
    content = _content_hash()
    database, concealment = services().database, services().concealment
    with transaction(database, who, concealment, request_id=request_id) as tx:
        tx.actor = acting(tx.connection)
        if (first := stored_answer(tx, content)) is not None:
            return Answer(first["location"], first["message"], first["kind"])
        answer = act(tx)
        stored = {"location": answer.location, "message": answer.message, "kind": answer.kind}
        store_answer(tx, content, stored)
        identity().forget_kept_form(tx.connection, who.id, current_path())
        return answer


def _content_hash() -> str:
    """Return what was posted where, apart from passwords and the tokens of the form itself.

    Keyed, or whoever reads the database could try out block sizes, or a value that was redacted.
    """
    is_private = identity().is_private
    typed: list[canonical.Value] = [
        [name, value] for name, value in request.form.items(multi=True) if not is_private(name)
    ]
    files: list[canonical.Value] = [
        [name, file.filename or "", _file_hash(file)]
        for name, file in request.files.items(multi=True)
    ]
    plain = canonical.digest([request.method, current_path(), typed, files])
    return services().concealment.tag(f"request content\n{plain}")


def _file_hash(file: FileStorage) -> str:
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]
    file.stream.seek(0)
    return digest


def _put_on_record(who: Actor, problem: Problem) -> None:
    """Ledger a refusal, once a request; a slip of the pen or an unknown address is none."""
    if isinstance(problem, InvalidInput | NotFound | Busy) or g.get("is_refusal_on_record"):
        return
    g.is_refusal_on_record = True
    study, subject = _place(who)
    with suppress(Busy):
        refuse(
            services().database,
            who,
            services().concealment,
            study=study,
            subject=subject,
            what=str(request.endpoint),
            problem=problem,
        )


def _place(who: Actor) -> tuple[str, str]:
    """Return the study and ledger subject that a request's address names."""
    parts = request.view_args or {}
    if "study" not in parts:
        return SYSTEM, f"user/{who.id}"
    return parts["study"], f"participant/{parts['pid']}" if "pid" in parts else "study"


def put_refusal_on_record(problem: Problem) -> None:
    """Ledger that a signed-in person asked for what the role does not include."""
    end_reading()
    _put_on_record(actor(), problem)


def is_signed_in() -> bool:
    return USER in session
