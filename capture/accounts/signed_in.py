"""The signed-in person of a request, as Flask-Login hands it on."""

from __future__ import annotations

from dataclasses import dataclass

from flask_login import UserMixin

from capture.access import Actor
from capture.accounts import reads
from capture.problems import NotFound
from capture.wiring import reading


@dataclass(frozen=True)
class SignedInPerson(UserMixin):  # type: ignore[misc]
    """Who acts in this request, and whether the first thing to do is to choose a password."""

    actor: Actor
    must_change_password: bool

    def get_id(self) -> str:
        return self.actor.id


def load_person(user: str) -> SignedInPerson | None:
    """The person of a session, as long as the account is open."""
    try:
        person = reads.account(reading(), user)
    except NotFound:
        return None
    if not person.is_active:
        return None
    stored = reads.password_of(reading(), user)
    must_change = stored is not None and stored.must_change
    return SignedInPerson(reads.actor_of(reading(), person), must_change)
