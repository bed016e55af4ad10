"""Signing in, and asking for the password again: throttled, the same for unknown accounts."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from capture.access import SYSTEM, SYSTEM_ACTOR, Action, Actor
from capture.accounts import passwords, reads, sessions, throttle
from capture.accounts.sessions import Browser
from capture.accounts.tables import password as password_table
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, transaction
from capture.problems import NotSignedIn, WrongPassword

NOT_RIGHT = "The e-mail address or the password is not right."


@dataclass(frozen=True)
class Credentials:
    """What somebody typed to show who they are, and from where."""

    email: str
    password: str = field(repr=False)
    browser: Browser


@dataclass(frozen=True)
class SignInDesk:
    """Where credentials are checked; secret: key of the hash that stands for e-mail addresses."""

    database: Database
    concealment: Concealment
    secret: str = field(repr=False)


@dataclass(frozen=True)
class _Attempt:
    """One attempt with everything that was looked up for it before the hash."""

    person: reads.Account | None
    stored: reads.Password | None
    counted: tuple[throttle.Counter, ...]
    has_failed_before: bool
    email_hash: str
    browser: Browser


def sign_in(desk: SignInDesk, typed: Credentials, *, old_token_hash: str = "") -> str:
    """Begin a session and give its token.

    old_token_hash: the browser's session so far, which ends. Raises NotSignedIn with the same words
    whatever was wrong, Throttled.
    """
    attempt = _prepare_attempt(desk, typed)
    is_right = _is_right(attempt, typed.password)
    if not is_right or attempt.person is None or not attempt.person.is_active:
        _note_failure(desk, attempt, SYSTEM_ACTOR)
        raise NotSignedIn(NOT_RIGHT)
    return _begin_session(desk, attempt, _renew_hash(attempt, typed.password), old_token_hash)


def check_password(desk: SignInDesk, actor: Actor, typed: Credentials) -> None:
    """Ask the signed-in person for the password again. Raises WrongPassword, Throttled."""
    attempt = _prepare_attempt(desk, typed)
    if not _is_right(attempt, typed.password):
        _note_failure(desk, attempt, actor)
        raise WrongPassword("This is not your password. Nothing was changed.")
    if attempt.has_failed_before:
        with desk.database.writing() as connection:
            throttle.note_success(connection, attempt.counted)


def hash_email(email: str, secret: str) -> str:
    """Stands for an e-mail address where the address itself must not be read."""
    normal = reads.make_plain_email(email).encode()
    return hmac.new(secret.encode(), b"email\x00" + normal, hashlib.sha256).hexdigest()


def _prepare_attempt(desk: SignInDesk, typed: Credentials) -> _Attempt:
    hashed = hash_email(typed.email, desk.secret)
    address = typed.browser.address
    with desk.database.reading() as connection:
        person = reads.find_account_by_email(connection, typed.email)
        stored = reads.find_password(connection, person.id) if person else None
        familiar = person is not None and sessions.is_familiar(connection, person.id, address)
        counted = throttle.list_counters(hashed, address, familiar=familiar)
        failed = throttle.refuse_blocked(connection, counted)
    return _Attempt(person, stored, counted, failed, hashed, typed.browser)


def _is_right(attempt: _Attempt, password: str) -> bool:
    return passwords.is_match(attempt.stored.hash if attempt.stored else None, password)


def _renew_hash(attempt: _Attempt, password: str) -> str:
    """Return the same password under newer parameters, when the stored hash is from older ones."""
    if attempt.stored and passwords.needs_new_hash(attempt.stored.hash):
        return passwords.hash_password(password)
    return ""


def _note_failure(desk: SignInDesk, attempt: _Attempt, actor: Actor) -> None:
    with transaction(desk.database, actor, desk.concealment) as tx:
        throttle.note_failure(tx.connection, attempt.counted)
        subject = f"user/{attempt.person.id}" if attempt.person else "sign-in"
        body = {"email_hash": attempt.email_hash, "address": attempt.browser.address}
        tx.about(subject, study=SYSTEM).record(Action.USER_FAIL_SIGN_IN, body)


def _begin_session(desk: SignInDesk, attempt: _Attempt, renewed: str, old_token_hash: str) -> str:
    person = attempt.person
    if person is None:
        raise NotSignedIn(NOT_RIGHT)
    actor = Actor(id=person.id, name=person.name, email=person.email)
    with transaction(desk.database, actor, desk.concealment) as tx:
        _refuse_if_changed(tx, attempt)
        throttle.note_success(tx.connection, attempt.counted)
        sessions.end(tx.connection, old_token_hash)
        if renewed:
            _store_hash(tx, renewed)
        tx.about(f"user/{person.id}", study=SYSTEM).record(
            Action.USER_SIGN_IN, {"address": attempt.browser.address}
        )
        return sessions.start(tx.connection, person.id, attempt.browser)


def _refuse_if_changed(tx: Transaction, attempt: _Attempt) -> None:
    """Between hash and transaction somebody may have closed the account or set its password."""
    person = reads.get_account(tx.connection, tx.actor.id)
    if reads.find_password(tx.connection, tx.actor.id) != attempt.stored or not person.is_active:
        raise NotSignedIn(NOT_RIGHT)


def _store_hash(tx: Transaction, new_hash: str) -> None:
    table = password_table
    tx.connection.execute(table.update().where(table.c.user == tx.actor.id).values(hash=new_hash))
