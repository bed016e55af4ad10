"""Compares a typed part of a number with the numbers of participants."""

from __future__ import annotations

import re
import string

import sqlalchemy as sa

from capture.participants.tables import former_number, participant

MOST_COMPARED = 60
"""Letters and figures; no number has as many."""

_LEFT_OUT = re.compile(
    r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufe58\ufe63\uff0d\ufeff-]+"
)
_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_PLAIN = re.compile(r"[A-Z0-9]+")


def make_plain_number(typed: str) -> str:
    """Return what is typed without spaces and dashes of any kind, in capital letters."""
    return _LEFT_OUT.sub("", typed).translate(_CAPITALS)


def may_be_part(typed: str) -> bool:
    """Return whether a number may contain what is typed: letters and figures, not too many."""
    text = make_plain_number(typed)
    return len(text) <= MOST_COMPARED and _PLAIN.fullmatch(text) is not None


def has_number_like(typed: str) -> sa.ColumnElement[bool]:
    """That one of a participant's numbers, also a former one, has what is typed in it."""
    if not may_be_part(typed):
        return sa.false()
    return sa.or_(has_current_number_like(typed), list_former_numbers_like(typed).exists())


def has_current_number_like(typed: str) -> sa.ColumnElement[bool]:
    """That a number in use has what is typed in it."""
    text = make_plain_number(typed)
    numbers = (participant.c.screening_number, participant.c.participant_number)
    return sa.or_(*(_strip_dashes(number).contains(text) for number in numbers))


def is_current_number(typed: str) -> sa.ColumnElement[bool]:
    """That what is typed is a whole number in use."""
    text = make_plain_number(typed)
    numbers = (participant.c.screening_number, participant.c.participant_number)
    return sa.or_(*(_strip_dashes(number) == text for number in numbers))


def list_former_numbers_like(typed: str) -> sa.Select[tuple[str]]:
    """Return the former numbers of a participant that have what is typed in them."""
    return (
        sa.select(former_number.c.number)
        .where(
            former_number.c.participant == participant.c.id,
            _strip_dashes(former_number.c.number).contains(make_plain_number(typed)),
        )
        .correlate(participant)
    )


def _strip_dashes(number: sa.Column[str]) -> sa.ColumnElement[str]:
    return sa.func.replace(sa.func.coalesce(number, ""), "-", "", type_=number.type)
