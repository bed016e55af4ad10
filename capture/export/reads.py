"""Exports on record: who exported which datasets, of which position, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from capture.access import Action
from capture.accounts import reads as people
from capture.ledger.concealment import Concealment
from capture.ledger.payloads import open_body
from capture.ledger.tables import ledger, ledger_body
from capture.problems import NotFound

MOST_LISTED = 50


@dataclass(frozen=True)
class ExportRow:
    """One export on record. at, sealed_at: instants in UTC. reason: for identifying items."""

    id: str
    study: str
    at: str
    actor: str
    name: str
    position: int
    sealed_at: str
    formats: tuple[str, ...]
    cutoff: date | None
    shown_as: str
    identifying: bool
    reason: str


def list_exports(
    connection: sa.Connection, concealment: Concealment, study: str
) -> list[ExportRow]:
    """Return the study's last exports, newest first."""
    statement = _select_exports(study).order_by(ledger.c.at.desc(), ledger.c.id.desc())
    names = {account.id: account.name for account in people.list_accounts(connection)}
    rows = connection.execute(statement.limit(MOST_LISTED))
    return [_make_export(row, concealment, names) for row in rows]


def get_export(
    connection: sa.Connection, concealment: Concealment, study: str, which: str
) -> ExportRow:
    """One export on record. Raises NotFound."""
    statement = _select_exports(study).where(ledger.c.subject == f"export/{which}")
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such export.")
    return _make_export(row, concealment, {})


def _select_exports(study: str) -> sa.Select[Any]:
    return (
        sa.select(
            ledger.c.id,
            ledger.c.subject,
            ledger.c.at,
            ledger.c.actor,
            ledger.c.reason,
            ledger_body.c.body,
        )
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .where(ledger.c.study == study, ledger.c.action == Action.DATASET_EXPORT.value)
    )


def _make_export(row: sa.Row[Any], concealment: Concealment, names: dict[str, str]) -> ExportRow:
    body = {name: change.new for name, change in open_body(row.body, row.id, concealment).items()}
    return ExportRow(
        id=row.subject.partition("/")[2],
        study=str(body["study"]),
        at=row.at,
        actor=row.actor,
        name=names.get(row.actor, "The installation"),
        position=body["position"],
        sealed_at=body["sealed_at"],
        formats=tuple(body["formats"]),
        cutoff=date.fromisoformat(body["cutoff"]) if body["cutoff"] else None,
        shown_as=body["shown_as"],
        identifying=body["identifying"],
        reason=row.reason,
    )
