"""Tables of the ledger and around it; `ledger`, `seal` and `checkpoint` may never change."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, metadata

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("study", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("occurred_at", Words, nullable=False),
    sa.Column("actor_kind", Words, nullable=False),
    sa.Column("actor", Words, nullable=False),
    sa.Column("role", Words, nullable=False),
    sa.Column("action", Words, nullable=False),
    sa.Column("subject", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("request_id", Words, nullable=False),
    sa.Column("study_version", sa.Integer, nullable=False),
    sa.Column("software", Words, nullable=False),
    sa.Column("body_hash", Words, nullable=False),
    sa.Column("row_hash", Words, nullable=False),
    sa.Index("ix_ledger_study_subject", "study", "subject"),
    sa.Index("ix_ledger_study_at", "study", "at"),
)

ledger_body = sa.Table(
    "ledger_body",
    metadata,
    sa.Column("ledger_id", Words, sa.ForeignKey("ledger.id"), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

unsealed = sa.Table(
    "unsealed",
    metadata,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("ledger_id", Words, sa.ForeignKey("ledger.id"), nullable=False),
    sa.Column("study", Words, nullable=False),
    sqlite_autoincrement=True,
)

seal = sa.Table(
    "seal",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("ledger_id", Words, sa.ForeignKey("ledger.id"), nullable=False, unique=True),
    sa.Column("sealed_at", Words, nullable=False),
    sa.Column("leaf", Words, nullable=False),
)

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("root", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("key", Words, nullable=False),
    sa.Column("signature", Words, nullable=False),
)

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("site", Words, primary_key=True),
    sa.Column("name", Words, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

request = sa.Table(
    "request",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("actor", Words, nullable=False),
    sa.Column("content", Words, nullable=False),
    sa.Column("answer", Document, nullable=False),
    sa.Column("at", Words, nullable=False),
)
