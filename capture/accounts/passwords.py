"""Passwords: which are acceptable, hashing with argon2id, the same work for unknown accounts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from capture import ids
from capture.accounts.common_passwords import COMMON
from capture.problems import Busy, InvalidInput

LEAST_LETTERS = 12
MOST_LETTERS = 256
LEAST_DIFFERENT_LETTERS = 5
AT_ONCE = 4
WAIT_SECONDS = 10.0
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

# 46 MiB and two passes: OWASP's figure that costs a hospital server about 80 ms. The tests put a
# cheaper one in its place, apart from the one that looks at these figures.
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
_turns = BoundedSemaphore(AT_ONCE)


def refuse_weak(password: str, email: str, *, field: str = "new_password") -> None:
    """Raises InvalidInput, naming the field, when the password is too easy to guess.

    Source: OWASP ASVS 5.0, 6.2.1 and 6.2.4.
    """
    text = _normalise(password)
    if len(text) < LEAST_LETTERS:
        raise InvalidInput(
            field, f"Use at least {LEAST_LETTERS} characters. Three or four words do well."
        )
    if len(text) > MOST_LETTERS:
        raise InvalidInput(field, f"Use at most {MOST_LETTERS} characters.")
    simple = text.casefold()
    if simple in COMMON or len(set(simple)) < LEAST_DIFFERENT_LETTERS or email.casefold() in simple:
        raise InvalidInput(
            field, "This password is easy to guess: it is on a list of common ones. Choose another."
        )


def hash_password(password: str) -> str:
    """Return the argon2id hash to store. Never call it inside a write transaction."""
    with _take_turn():
        return _hasher.hash(_normalise(password))


def is_match(stored: str | None, password: str) -> bool:
    """Whether a password fits; the work is the same when there is nothing to compare with."""
    text = _normalise(password[:MOST_LETTERS])
    with _take_turn():
        try:
            _hasher.verify(stored or _make_dummy_hash(), text)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None


def needs_new_hash(stored: str) -> bool:
    return _hasher.check_needs_rehash(stored)


def make_one_time_password() -> str:
    """Return a first password to hand over: 20 letters that look like no other (99 bits)."""
    # 256 is no multiple of 31: bytes from 248 on are left out, so that all are equally likely.
    letters: list[str] = []
    while len(letters) < 20:
        letters += [LETTERS[byte % 31] for byte in ids.random_bytes(20) if byte < 248]
    groups = ("".join(letters[start : start + 5]) for start in range(0, 20, 5))
    return "-".join(groups)


def _normalise(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


@cache
def _make_dummy_hash() -> str:
    return _hasher.hash(ids.random_bytes(32).hex())


@contextmanager
def _take_turn() -> Iterator[None]:
    """At most four hashes at once: each takes 46 MiB."""
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise Busy("Too many people are signing in at this moment. Try again in a few seconds.")
    try:
        yield
    finally:
        _turns.release()
