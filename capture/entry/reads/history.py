"""What happened to one entry, from the ledger: who, when, old, new and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.access import SYSTEM, Action
from capture.accounts.tables import account
from capture.entry.fold import ITEM
from capture.entry.reads.entries import Entry, cell_from
from capture.ledger.bodies import opened
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger, ledger_body
from forms.values import Cell

ACTS = (Action.ENTRY_SAVE.value, Action.ENTRY_NOT_DO.value)


@dataclass(frozen=True)
class PastChange:
    """One item of a save; None on either side is a blank."""

    item: str
    old: Cell | None
    new: Cell | None


@dataclass(frozen=True)
class PastSave:
    """One save of an entry. missing_reason: of a form marked as not done.

    moved_to, moved_from: the other participant (id), where answers were somebody else's.
    """

    version: int
    at: str
    who: str
    role: str
    status: str
    reason: str
    missing_reason: str | None
    changes: tuple[PastChange, ...]
    moved_to: str | None = None
    moved_from: str | None = None


def entry_history(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    participant_id: str,
    entry_id: str,
) -> list[PastSave]:
    """Every save of an entry, newest first."""
    statement = (
        sa.select(
            ledger.c.id,
            ledger.c.at,
            ledger.c.actor,
            ledger.c.role,
            ledger.c.reason,
            ledger_body.c.body,
            account.c.name,
        )
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .outerjoin(account, sa.and_(account.c.id == ledger.c.actor, account.c.study == SYSTEM))
        .where(
            ledger.c.study == study,
            ledger.c.subject == f"participant/{participant_id}",
            ledger.c.action.in_(ACTS),
            ledger_body.c.body.contains(entry_id, autoescape=True),
        )
    )
    found = [_past(row, concealment) for row in connection.execute(statement).mappings()]
    return sorted(found, key=lambda one: one.version, reverse=True)


def _past(row: Mapping[Any, Any], concealment: Concealment) -> PastSave:
    body = opened(row["body"], row["id"], concealment)
    why = body.get("missing_reason")
    version = body["version"].new
    return PastSave(
        version=version,
        at=row["at"],
        who=row["name"] or row["actor"],
        role=row["role"],
        status="not_done" if why else body["status"].new,
        reason=row["reason"],
        missing_reason=why.new if why else None,
        changes=tuple(
            PastChange(name.removeprefix(ITEM), _cell(change.old), _cell(change.new))
            for name, change in body.items()
            if name.startswith(ITEM)
        ),
        **{name: body[name].new for name in ("moved_to", "moved_from") if name in body},
    )


def _cell(stored: Mapping[str, Any] | None) -> Cell | None:
    return None if stored is None else cell_from(stored)


def cells_at(entry: Entry, past: list[PastSave], version: int) -> dict[str, Cell]:
    """An entry's cells as they were at a version. past: its saves, newest first."""
    cells = dict(entry.cells)
    for change in (one for save in past if save.version > version for one in save.changes):
        cells.pop(change.item, None)
        if change.old is not None:
            cells[change.item] = change.old
    return cells
