"""Sessions in the database: a hashed token, its idle and absolute limits, its end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from capture import clock, ids
from capture.accounts.tables import session as table
from capture.db import Words

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH_AFTER = timedelta(minutes=1)
FORGET_AFTER = timedelta(days=90)
TOKEN_BYTES = 32
_BY_TOKEN = sa.select(table).where(table.c.token_hash == sa.bindparam("wanted"))  # on every request
_FROM_THERE = (
    sa.select(table.c.token_hash)
    .where(
        table.c.user == sa.bindparam("who", type_=Words),
        table.c.address == sa.bindparam("where", type_=Words),
    )
    .limit(1)
)
MOST_AGENT_LETTERS = 200


@dataclass(frozen=True)
class Session:
    """One signed-in browser; instants as text (UTC)."""

    token_hash: str
    user: str
    created_at: str
    last_seen: str
    expires_at: str
    address: str
    agent: str
    revoked_at: str | None
    data: Mapping[str, Any]
    locked_at: str | None

    @property
    def in_force(self) -> bool:
        """Neither ended nor idle too long nor too old."""
        return self.revoked_at is None and clock.now() < min(
            clock.from_text(self.expires_at), clock.from_text(self.last_seen) + IDLE
        )

    @property
    def is_locked(self) -> bool:
        """Whether its person has left the screen: nothing is shown before the password."""
        return self.locked_at is not None

    @property
    def is_stale(self) -> bool:
        """Whether the last sign of life is old enough to be worth a write."""
        return clock.now() >= clock.from_text(self.last_seen) + TOUCH_AFTER


@dataclass(frozen=True)
class Browser:
    """Where a request comes from."""

    address: str
    agent: str


def start(connection: sa.Connection, user: str, browser: Browser) -> str:
    """Begin a session and return its token, which is never stored; the row holds its hash.

    What a form carries against forgery names the person, so that a form sent in somebody else's
    session, or in none, can be kept for whoever had it open (see `find_session_of_form`).
    """
    token = ids.random_bytes(TOKEN_BYTES).hex()
    now = clock.now()
    connection.execute(
        table.insert().values(
            token_hash=hash_token(token),
            user=user,
            created_at=clock.as_text(now),
            last_seen=clock.as_text(now),
            expires_at=clock.as_text(now + LONGEST),
            address=browser.address,
            agent=browser.agent[:MOST_AGENT_LETTERS],
            data={"csrf_token": f"{user}.{ids.random_bytes(TOKEN_BYTES).hex()}"},
        )
    )
    forgotten = clock.as_text(now - FORGET_AFTER)
    connection.execute(table.delete().where(table.c.user == user, table.c.expires_at < forgotten))
    return token


def find(connection: sa.Connection, token: str) -> Session | None:
    """Return the session of a token, ended or not."""
    row = connection.execute(_BY_TOKEN, {"wanted": hash_token(token)}).one_or_none()
    return Session(**row._mapping) if row else None


def find_session_of_form(connection: sa.Connection, csrf_token: str) -> Session | None:
    """Return the session in which a form was opened, ended or not, by what the form carries."""
    user = csrf_token.partition(".")[0]
    rows = connection.execute(sa.select(table).where(table.c.user == user))
    of_person = (Session(**row._mapping) for row in rows)
    return next(
        (session for session in of_person if session.data.get("csrf_token") == csrf_token), None
    )


def list_sessions(connection: sa.Connection, user: str) -> list[Session]:
    """Return a person's sessions that are in force, newest first."""
    rows = connection.execute(
        sa.select(table)
        .where(table.c.user == user, table.c.revoked_at.is_(None))
        .order_by(table.c.created_at.desc())
    )
    return [session for row in rows if (session := Session(**row._mapping)).in_force]


def is_familiar(connection: sa.Connection, user: str, address: str) -> bool:
    """Return whether this person has signed in from this address before."""
    return connection.execute(_FROM_THERE, {"who": user, "where": address}).first() is not None


def touch(connection: sa.Connection, session: Session) -> None:
    connection.execute(
        table.update()
        .where(table.c.token_hash == session.token_hash, table.c.revoked_at.is_(None))
        .values(last_seen=clock.instant())
    )


def lock(connection: sa.Connection, token_hash: str) -> None:
    """Show nothing more in this session until its person gives the password."""
    _set_lock(connection, token_hash, clock.instant())


def unlock(connection: sa.Connection, token_hash: str) -> None:
    """Go on with a session after the password."""
    _set_lock(connection, token_hash, None)


def _set_lock(connection: sa.Connection, token_hash: str, locked_at: str | None) -> None:
    connection.execute(
        table.update()
        .where(table.c.token_hash == token_hash, table.c.revoked_at.is_(None))
        .values(locked_at=locked_at, last_seen=clock.instant())
    )


def revoke(connection: sa.Connection, user: str, token_hash: str) -> bool:
    """End one session of this person; return whether there was one to end."""
    done = connection.execute(
        table.update()
        .where(table.c.user == user, table.c.token_hash == token_hash, table.c.revoked_at.is_(None))
        .values(revoked_at=clock.instant())
    )
    return bool(done.rowcount)


def end(connection: sa.Connection, token_hash: str) -> None:
    """End the session that a browser has just left for another."""
    connection.execute(
        table.update()
        .where(table.c.token_hash == token_hash, table.c.revoked_at.is_(None))
        .values(revoked_at=clock.instant())
    )


def revoke_all(connection: sa.Connection, user: str, *, but: str = "") -> int:
    """End every session of this person, apart from one token hash; return how many were ended."""
    done = connection.execute(
        table.update()
        .where(table.c.user == user, table.c.token_hash != but, table.c.revoked_at.is_(None))
        .values(revoked_at=clock.instant())
    )
    return done.rowcount


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
