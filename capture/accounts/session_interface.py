"""Flask's session on our own table: a random token in the cookie, everything else on the server.

A visitor who has not signed in has no row: what a form needs (the CSRF token) lies in a signed
cookie, so that nobody can fill the database without an account. Messages to be shown once travel
in a cookie of their own, encrypted, so that a save needs no second write.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Request, Response
from flask import request as flask_request
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import CallbackDict

from capture import clock, ids
from capture.accounts import sessions
from capture.accounts.sessions import Session
from capture.problems import Busy
from capture.web.identity import USER
from capture.web.request_context import end_reading, reading, services

TOKEN = re.compile(r"[0-9a-f]{64}")
FLASHES = "_flashes"
STARTED = "_started"
NONCE_BYTES = 12
MOST_MESSAGE_LETTERS = 700
WITHOUT_SESSION = ("/static/", "/healthz")


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The session of one request: `row` is set for a signed-in person, `ended` for one who was.

    `is_unreachable` says that the database could not be asked who this is.
    """

    def __init__(self, data: dict[str, Any] | None = None, row: Session | None = None) -> None:
        self.row = row
        self.ended: Session | None = None
        self.new_token = ""
        self.is_over = False
        self.is_unreachable = False
        self.had_messages = False
        super().__init__(data or {}, _mark_modified)
        self.modified = False

    @property
    def token_hash(self) -> str:
        """What the session's row is known by; empty before the sign-in."""
        return self.row.token_hash if self.row else ""

    @property
    def is_locked(self) -> bool:
        """Whether the signed-in person has left the screen."""
        return self.row is not None and self.row.is_locked

    def begin(self, token: str, *, keep_messages: bool = False) -> None:
        """Send this token: the person has just signed in, and the old session is left behind."""
        self.new_token = token
        if not keep_messages:
            self.pop(FLASHES, None)

    def lose(self) -> None:
        """Go on as a visitor: the session was ended from elsewhere while this request ran."""
        self.ended, self.row = self.row, None
        self.clear()

    def finish(self) -> None:
        """Take the cookie away: the person has signed out."""
        self.clear()
        self.is_over = True


def _mark_modified(session: CallbackDict[str, Any]) -> None:
    session.modified = True  # type: ignore[attr-defined]


class ServerSessions(SessionInterface):
    """Opens and saves sessions; the module's docstring says what is stored where."""

    def open_session(self, _app: Flask, request: Request) -> ServerSession:
        if request.path.startswith(WITHOUT_SESSION):
            return ServerSession()
        cookie = request.cookies.get(_get_cookie_name("sarcomere", request), "")
        session = _open_signed_in(cookie) if TOKEN.fullmatch(cookie) else _open_visitor(cookie)
        if messages := request.cookies.get(_get_cookie_name("sarcomere-said", request), ""):
            session.had_messages = True
            session[FLASHES] = _decrypt_messages(messages, session.token_hash)
        session.modified = False
        return session

    def save_session(self, _app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, ServerSession)  # noqa: S101  (told to the type checker)
        _send_messages(session, response)
        if session.is_over:
            _delete(response, "sarcomere")
        elif session.new_token:
            _send(response, "sarcomere", session.new_token)
        elif session.row is not None:
            _touch(session.row)
        elif session.modified and (data := _list_own_values(session)):
            started = session.get(STARTED) or clock.instant()
            _send(response, "sarcomere", _make_signer().dumps({**data, STARTED: started}))


def _open_signed_in(token: str) -> ServerSession:
    try:
        row = sessions.find(reading(), token)
    except sa.exc.SQLAlchemyError:
        session = ServerSession()
        session.is_unreachable = True
        return session
    if row is None:
        return ServerSession()
    if row.in_force:
        return ServerSession({**row.data, USER: row.user}, row)
    visitor = ServerSession()
    visitor.ended = row
    return visitor


def _open_visitor(cookie: str) -> ServerSession:
    try:
        data = _make_signer().loads(cookie)
        started = clock.from_text(data[STARTED])
    except (BadSignature, ValueError, KeyError, TypeError):
        return ServerSession()
    return ServerSession(data) if started + sessions.LONGEST > clock.now() else ServerSession()


def _list_own_values(session: ServerSession) -> dict[str, Any]:
    return {name: value for name, value in session.items() if not name.startswith("_")}


def _touch(row: Session) -> None:
    if not row.is_stale:
        return
    end_reading()
    try:
        with services().database.writing() as connection:
            sessions.touch(connection, row)
    except (Busy, sa.exc.SQLAlchemyError):
        # The next request does it; nobody's work should fail for a sign of life.
        return


def _send_messages(session: ServerSession, response: Response) -> None:
    if messages := session.get(FLASHES):
        _send(response, "sarcomere-said", _encrypt_messages(messages, _get_message_owner(session)))
    elif session.had_messages:
        _delete(response, "sarcomere-said")


def _get_message_owner(session: ServerSession) -> str:
    """Whose messages they are: a message of one session is never shown in another."""
    return sessions.hash_token(session.new_token) if session.new_token else session.token_hash


def _encrypt_messages(messages: list[tuple[str, str]], owner: str) -> str:
    short = [(kind, _shorten(str(words))) for kind, words in messages[-3:]]
    nonce = ids.random_bytes(NONCE_BYTES)
    return (nonce + _make_cipher().encrypt(nonce, orjson.dumps(short), owner.encode())).hex()


def _decrypt_messages(cookie: str, owner: str) -> list[tuple[str, str]]:
    try:
        raw = bytes.fromhex(cookie)
        plain = _make_cipher().decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], owner.encode())
    except (ValueError, InvalidTag):
        return []
    return [(kind, words) for kind, words in orjson.loads(plain)]


def _shorten(words: str) -> str:
    if len(words) <= MOST_MESSAGE_LETTERS:
        return words
    return words[:MOST_MESSAGE_LETTERS] + " … (the rest of this message did not fit)"


def _make_cipher() -> AESGCM:
    secret = services().config.secret_key.encode()
    return AESGCM(blake2b(secret, digest_size=32, person=b"sarcomere-said").digest())


def _make_signer() -> URLSafeSerializer:
    return URLSafeSerializer(services().config.secret_key, salt="sarcomere-visitor")


def _get_cookie_name(name: str, request: Request) -> str:
    return f"__Host-{name}" if request.is_secure else name


def _send(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        _get_cookie_name(name, flask_request),
        value,
        httponly=True,
        samesite="Lax",
        secure=flask_request.is_secure,
        path="/",
    )


def _delete(response: Response, name: str) -> None:
    response.delete_cookie(
        _get_cookie_name(name, flask_request),
        httponly=True,
        samesite="Lax",
        secure=flask_request.is_secure,
        path="/",
    )
