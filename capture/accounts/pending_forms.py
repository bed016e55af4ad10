"""Typed values of a form whose session had ended: kept a day, encrypted, for the same person."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from capture import clock
from capture.accounts.tables import pending_form as table
from capture.db import Words
from capture.ledger.canonical import Value
from capture.ledger.concealment import Concealment

KEPT_FOR = timedelta(days=1)
MOST_LETTERS = 1_000_000
NEVER_KEPT = ("csrf_token", "request_id")

Pairs = list[tuple[str, str]]


def keep(
    connection: sa.Connection,
    concealment: Concealment,
    user: str,
    path: str,
    typed: Pairs,
) -> bool:
    """Keep what was typed, passwords apart; says no when it is too much."""
    pairs: list[Value] = [[name, value] for name, value in typed if not is_private(name)]
    if sum(len(name) + len(value) for name, value in typed) > MOST_LETTERS:
        return False
    forget(connection, user, path)
    connection.execute(table.delete().where(table.c.saved_at < _too_old()))
    connection.execute(
        table.insert().values(
            user=user,
            path=path,
            content=concealment.conceal(pairs, _purpose(user, path)),
            saved_at=clock.instant(),
        )
    )
    return True


def find(
    connection: sa.Connection, concealment: Concealment, user: str, path: str, *, since: str = ""
) -> Pairs | None:
    """What this person had typed at this address within the last day, and not before `since`."""
    wanted = {"whose": user, "where": path, "since": max(since, _too_old())}
    content = connection.execute(_KEPT, wanted).scalar()
    if content is None:
        return None
    pairs = concealment.reveal(content, _purpose(user, path))
    assert isinstance(pairs, list)  # noqa: S101  (told to the type checker)
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list)]


def list_pending_forms(connection: sa.Connection, user: str) -> list[tuple[str, str]]:
    """Where this person typed what is still kept: address and instant, oldest first."""
    rows = connection.execute(
        sa.select(table.c.path, table.c.saved_at)
        .where(table.c.user == user, table.c.saved_at >= _too_old())
        .order_by(table.c.saved_at, table.c.path)
    )
    return [(row.path, row.saved_at) for row in rows]


def forget_about(connection: sa.Connection, participant: str) -> None:
    """Drop what anybody typed on a participant's pages."""
    connection.execute(table.delete().where(table.c.path.contains(participant, autoescape=True)))


def forget(connection: sa.Connection, user: str, path: str) -> None:
    connection.execute(_FORGET, {"whose": user, "where": path})


_THIS = sa.and_(
    table.c.user == sa.bindparam("whose", type_=Words),
    table.c.path == sa.bindparam("where", type_=Words),
)
_KEPT = sa.select(table.c.content).where(
    _THIS, table.c.saved_at >= sa.bindparam("since", type_=Words)
)
_FORGET = table.delete().where(_THIS)


def is_private(name: str) -> bool:
    """Whether a posted field is left out of what is kept and of what tells two posts apart."""
    return name in NEVER_KEPT or "password" in name


def _too_old() -> str:
    return clock.as_text(clock.now() - KEPT_FOR)


def _purpose(user: str, path: str) -> str:
    return f"pending_form/{user}/{path}"
