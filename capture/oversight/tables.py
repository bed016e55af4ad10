"""Redactions requested and done; the places hold ledger ids, never the value."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table
from capture.ledger.fold import FoldedRow, FoldedTable

redaction = folded_table(
    "redaction",
    sa.Column("about", Words, nullable=False),
    sa.Column("entry", Words, nullable=False),
    sa.Column("item", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("requested_by", Words, nullable=False),
    sa.Column("requested_at", Words, nullable=False),
    sa.Column("done_by", Words),
    sa.Column("done_at", Words),
    sa.Column("places", Document, nullable=False),
)


class RedactionState(FoldedRow):
    """A row of `redaction`."""

    about: str
    entry: str
    item: str
    state: str
    reason: str
    requested_by: str
    requested_at: str
    done_by: str | None
    done_at: str | None
    places: list[tuple[str, list[str]]]


REDACTION = FoldedTable("redaction", RedactionState)
