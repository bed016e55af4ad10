"""The signed-in person of a request, as Flask-Login hands it on."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import UserMixin

from capture.access import Actor
from capture.accounts import reads
from capture.accounts.tables import account, password
from capture.wiring import reading


@dataclass(frozen=True)
class SignedInPerson(UserMixin):  # type: ignore[misc]
    """Who acts in this request, and whether the first thing to do is to choose a password."""

    actor: Actor
    must_change_password: bool

    def get_id(self) -> str:
        return self.actor.id


_PERSON = (
    sa.select(*account.c["id", "email", "name", "state"], password.c.must_change)
    .outerjoin(password, password.c.user == account.c.id)
    .where(account.c.id == sa.bindparam("wanted"))
)


def load_person(user: str) -> SignedInPerson | None:
    """The person of a session, as long as the account is open."""
    row = reading().execute(_PERSON, {"wanted": user}).one_or_none()
    if row is None:
        return None
    *columns, must_change = row
    person = reads.Account(*columns)
    if not person.is_active:
        return None
    return SignedInPerson(reads.actor_of(reading(), person), bool(must_change))
