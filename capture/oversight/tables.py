"""Redactions requested and done; the places hold ledger ids, never the value."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table

redaction = folded_table(
    "redaction",
    sa.Column("about", Words, nullable=False),
    sa.Column("entry", Words, nullable=False),
    sa.Column("item", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("asked_by", Words, nullable=False),
    sa.Column("asked_at", Words, nullable=False),
    sa.Column("done_by", Words),
    sa.Column("done_at", Words),
    sa.Column("places", Document, nullable=False),
)
