"""Tables of people: accounts and memberships are folds; passwords, sessions, settings are not."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata
from capture.ledger.fold import FoldedRow, FoldedTable

account = folded_table(
    "account",
    sa.Column("email", Words, nullable=False, unique=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
)


class AccountState(FoldedRow):
    """A row of `account`."""

    email: str
    name: str
    state: str


ACCOUNT = FoldedTable("account", AccountState)

membership = folded_table(
    "membership",
    sa.Column("user", Words, nullable=False, index=True),
    sa.Column("role", Words, nullable=False),
    sa.Column("sites", Document),
    sa.Column("masked", sa.Boolean, nullable=False),
    sa.Column("from_date", Words, nullable=False),
    sa.Column("to_date", Words),
    sa.Column("ended_at", Words),
    sa.Column("assigned_by", Words, nullable=False),
)


class MembershipState(FoldedRow):
    """A row of `membership`."""

    user: str
    role: str
    sites: list[str] | None
    masked: bool
    from_date: str
    to_date: str | None
    ended_at: str | None
    assigned_by: str


MEMBERSHIP = FoldedTable("membership", MembershipState)

password = sa.Table(
    "password",
    metadata,
    sa.Column("user", Words, primary_key=True),
    sa.Column("hash", Words, nullable=False),
    sa.Column("changed_at", Words, nullable=False),
    sa.Column("must_change", sa.Boolean, nullable=False),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", Words, primary_key=True),
    sa.Column("user", Words, nullable=False, index=True),
    sa.Column("created_at", Words, nullable=False),
    sa.Column("last_seen", Words, nullable=False),
    sa.Column("expires_at", Words, nullable=False),
    sa.Column("address", Words, nullable=False),
    sa.Column("agent", Words, nullable=False),
    sa.Column("revoked_at", Words),
    sa.Column("data", Document, nullable=False),
    sa.Column("locked_at", Words),
)

preference = sa.Table(
    "preference",
    metadata,
    sa.Column("user", Words, primary_key=True),
    sa.Column("fast_entry", sa.Boolean, nullable=False),
)

throttle = sa.Table(
    "throttle",
    metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("first_at", Words, nullable=False),
    sa.Column("blocked_until", Words),
)

pending_form = sa.Table(
    "pending_form",
    metadata,
    sa.Column("user", Words, primary_key=True),
    sa.Column("path", Words, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("saved_at", Words, nullable=False),
)
