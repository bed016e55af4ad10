"""One act on a study's set-up at a time, so that numbers and names cannot be given twice."""

from __future__ import annotations

import sqlalchemy as sa

from capture.ledger.service import Transaction


def take_turn(tx: Transaction, study: str) -> None:
    """Wait until no other transaction changes this study's versions, sites, designs or dose levels.

    SQLite has one writer at a time anyway; PostgreSQL releases the lock with the transaction.
    """
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"sarcomere study {study}"},
        )
