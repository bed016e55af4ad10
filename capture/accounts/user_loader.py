"""The signed-in person of a request, as Flask-Login hands it on and as a write looks again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_login import UserMixin

from capture.access import Actor
from capture.accounts import reads
from capture.accounts.tables import account, membership, password, preference, session
from capture.db import Words
from capture.web.request_context import reading


@dataclass(frozen=True)
class SignedInPerson(UserMixin):  # type: ignore[misc]
    """Who acts in this request, and whether the first thing to do is to choose a password."""

    actor: Actor
    must_change_password: bool
    fast_entry: bool

    def get_id(self) -> str:
        return self.actor.id


# One row for each membership, or one without: every request asks this, and every write again.
_PERSON = (
    sa.select(
        *(account.c[name].label(f"person_{name}") for name in ("id", "email", "name", "state")),
        password.c.must_change,
        preference.c.fast_entry,
        membership,
    )
    .outerjoin(password, password.c.user == account.c.id)
    .outerjoin(preference, preference.c.user == account.c.id)
    .outerjoin(membership, membership.c.user == account.c.id)
    .where(account.c.id == sa.bindparam("wanted", type_=Words))
    .order_by(membership.c.from_date, membership.c.id)
)
_PERSON_IN_SESSION = _PERSON.join(session, session.c.user == account.c.id).where(
    session.c.token_hash == sa.bindparam("token_hash", type_=Words),
    session.c.revoked_at.is_(None),
)


def load_person(user: str) -> SignedInPerson | None:
    """Return the person of a session, as long as the account is open."""
    return _make_person(reading().execute(_PERSON, {"wanted": user}).all())


def is_still_signed_in(connection: sa.Connection, user: str, token_hash: str) -> Actor | None:
    """The same with the grants of this moment; None once the session or the account is closed."""
    wanted = {"wanted": user, "token_hash": token_hash}
    person = _make_person(connection.execute(_PERSON_IN_SESSION, wanted).all())
    return person.actor if person else None


def _make_person(rows: Sequence[Any]) -> SignedInPerson | None:
    if not rows:
        return None
    first = rows[0]
    person = reads.Account(
        first.person_id, first.person_email, first.person_name, first.person_state
    )
    if not person.is_active:
        return None
    memberships = (reads.make_membership(row) for row in rows if row.id is not None)
    return SignedInPerson(
        reads.make_actor(person, memberships), bool(first.must_change), bool(first.fast_entry)
    )
