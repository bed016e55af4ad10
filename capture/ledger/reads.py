"""Reading the ledger back: facts subject by subject, in sealed order, up to a position."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.ledger.fold import LedgerRow, MemoryState, fold
from capture.ledger.payloads import fact_of, open_body
from capture.ledger.tables import ledger, ledger_body, seal, unsealed


def list_ledger_rows(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    *,
    up_to: int | None = None,
    subject: str | None = None,
    subjects: Collection[str] | None = None,
) -> Iterator[LedgerRow]:
    """Yield a study's facts, ordered by subject and within it by insertion; streamed.

    up_to: the last sealed position to include; without it everything committed, sealed or not.
    subject, subjects: only this one, or these few.
    """
    statement = (
        sa.select(ledger, ledger_body.c.body)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .outerjoin(seal, seal.c.ledger_id == ledger.c.id)
        .where(ledger.c.study == study)
    )
    if subject is not None:
        statement = statement.where(ledger.c.subject == subject)
    if subjects is not None:
        statement = statement.where(ledger.c.subject.in_(subjects))
    if up_to is not None:
        statement = statement.where(seal.c.position <= up_to).order_by(
            ledger.c.subject, seal.c.position
        )
    else:
        # Sealed rows come first, in their order; the rest follow in the order of their insertion.
        statement = statement.outerjoin(unsealed, unsealed.c.ledger_id == ledger.c.id).order_by(
            ledger.c.subject, seal.c.position.is_(None), seal.c.position, unsealed.c.sequence
        )
    for row in connection.execute(statement.execution_options(yield_per=1_000)).mappings():
        yield fact_of(row, open_body(row["body"], row["id"], concealment))


def list_states(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    *,
    up_to: int | None = None,
    subjects: Collection[str] | None = None,
) -> Iterator[MemoryState]:
    """Yield the state of each subject of a study (or of a few), folded from its facts."""
    stream = list_ledger_rows(connection, concealment, study, up_to=up_to, subjects=subjects)
    for subject, mine in groupby(stream, key=lambda fact: fact.subject):
        yield fold(mine, study, subject)


def list_trees(connection: sa.Connection) -> list[str]:
    """Return every tree of the ledger, the system's own included."""
    return list(
        connection.execute(sa.select(ledger.c.study).distinct().order_by(ledger.c.study)).scalars()
    )
