"""How far a study's ledger is sealed and signed."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import SYSTEM, SYSTEM_ACTOR
from capture.ledger.tables import checkpoint, seal, unsealed
from capture.study.reads import list_studies


@dataclass(frozen=True)
class Integrity:
    """One tree of the ledger. size, root, at, key: of the last signed checkpoint; None without."""

    study: str
    sealed: int
    sealed_at: str | None
    unsealed: int
    size: int | None
    root: str | None
    at: str | None
    key: str | None


def get_integrity(connection: sa.Connection, study: str) -> Integrity:
    """Return how far one tree is sealed and signed."""
    head = _find_last(connection, sa.select(seal).where(seal.c.study == study), seal.c.position)
    signed = _find_last(
        connection, sa.select(checkpoint).where(checkpoint.c.study == study), checkpoint.c.size
    )
    waiting = sa.select(sa.func.count()).select_from(unsealed).where(unsealed.c.study == study)
    return Integrity(
        study=study,
        sealed=head["position"] if head else 0,
        sealed_at=head["sealed_at"] if head else None,
        unsealed=connection.execute(waiting).scalar_one(),
        size=signed["size"] if signed else None,
        root=signed["root"] if signed else None,
        at=signed["at"] if signed else None,
        key=signed["key"] if signed else None,
    )


def list_trees_integrity(connection: sa.Connection) -> list[Integrity]:
    """Return the integrity of the installation's own tree and of every published study's."""
    names = [SYSTEM, *(line.study for line in list_studies(connection, SYSTEM_ACTOR))]
    return [get_integrity(connection, name) for name in names]


def _find_last(
    connection: sa.Connection, statement: sa.Select[tuple[object, ...]], column: sa.Column[int]
) -> sa.RowMapping | None:
    return connection.execute(statement.order_by(column.desc()).limit(1)).mappings().first()
