"""One row per query about a value."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Words, folded_table
from capture.ledger.fold import FoldedRow, FoldedTable

query = folded_table(
    "query",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("visit", Words),
    sa.Column("entry", Words, nullable=False),
    sa.Column("item", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("message", Words, nullable=False),
    sa.Column("key", Words, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("answer", Words),
    sa.Column("opened_at", Words, nullable=False),
    sa.Column("closed_at", Words),
    sa.Index("ix_query_entry", "entry"),
    sa.Index("ix_query_site", "study", "status", "site"),
)


class QueryState(FoldedRow):
    """A row of `query`."""

    participant: str
    site: str
    visit: str | None
    entry: str
    item: str
    kind: str
    message: str
    key: str
    status: str
    answer: str | None
    opened_at: str
    closed_at: str | None


QUERY = FoldedTable("query", QueryState)
