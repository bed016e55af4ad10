"""Finds likely duplicates of a person in a study by keyed hashes, and stores nothing else."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import date

import sqlalchemy as sa

from capture.participants.tables import participant


def derive_key(concealment_key: bytes) -> bytes:
    """Return the key of these hashes, made from the installation's concealment key."""
    return hmac.digest(concealment_key, b"sarcomere duplicate keys", hashlib.sha256)


def make_hashes(
    key: bytes, study: str, *, birth_date: date, sex: str, hospital_number: str = ""
) -> list[str]:
    """One hash of birth date and sex, and one with the hospital number where it is given.

    The study is hashed too, so that nobody can be followed from one study into another.
    """
    born = ["birth", study, birth_date.isoformat(), sex]
    number = _normalise(hospital_number)
    found = [_hash(key, born)]
    return [*found, _hash(key, ["hospital", *born[1:], number])] if number else found


def _normalise(number: str) -> str:
    """Return a number in the form that is compared: without spaces and dashes, in capitals."""
    text = unicodedata.normalize("NFKC", number).upper()
    return "".join(letter for letter in text if letter.isalnum())


def _hash(key: bytes, parts: list[str]) -> str:
    message = "\x1f".join(parts).encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]


def is_known(connection: sa.Connection, study: str, found: list[str], but: str) -> bool:
    """Return whether somebody else in the study, at whatever site, has one of these hashes."""
    stored = sa.cast(participant.c.duplicate_keys, sa.Text)
    statement = sa.select(participant.c.id).where(
        participant.c.study == study,
        participant.c.id != but,
        sa.or_(*(stored.contains(likeness_hash) for likeness_hash in found)),
    )
    return connection.execute(statement.limit(1)).first() is not None
