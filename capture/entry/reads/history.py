"""The saves of one entry, from the ledger, with its cells as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.access import SYSTEM, Action
from capture.accounts.tables import account
from capture.entry.fold import ITEM
from capture.entry.reads.entries import Entry, make_cell
from capture.ledger.concealment import Concealment
from capture.ledger.fold import LedgerRow
from capture.ledger.payloads import fact_of, open_body
from capture.ledger.tables import ledger, ledger_body
from forms.values import Cell

RECALCULATED = Action.ENTRY_RECALCULATE
ACTS = (Action.ENTRY_SAVE.value, Action.ENTRY_MARK_NOT_DONE.value, RECALCULATED.value)


@dataclass(frozen=True)
class PastChange:
    """One item of a save; None on either side is a blank."""

    item: str
    old: Cell | None
    new: Cell | None


@dataclass(frozen=True)
class PastSave:
    """One save of an entry: its ledger row, the name of who saved, and the items it changed."""

    fact: LedgerRow
    who: str
    changes: tuple[PastChange, ...]

    @property
    def version(self) -> int:
        version: int = self.fact.new("version")
        return version

    @property
    def missing_reason(self) -> str | None:
        """Why the form was marked as not done, in this save."""
        reason: str | None = self.fact.new("missing_reason")
        return reason

    @property
    def at(self) -> str:
        return self.fact.at


def list_entry_history(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    participant_id: str,
    entry_id: str,
) -> list[PastSave]:
    """Every save of an entry, newest first."""
    statement = (
        sa.select(ledger, ledger_body.c.body, account.c.name)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .outerjoin(account, sa.and_(account.c.id == ledger.c.actor, account.c.study == SYSTEM))
        .where(
            ledger.c.study == study,
            ledger.c.subject == f"participant/{participant_id}",
            ledger.c.action.in_(ACTS),
            ledger_body.c.body.contains(entry_id, autoescape=True),
        )
    )
    found = [_make_past_save(row, concealment) for row in connection.execute(statement).mappings()]
    return sorted(found, key=_get_order, reverse=True)


def _get_order(save: PastSave) -> tuple[int, str, bool]:
    """A recalculation bears the version that it left alone, and follows the save of that one."""
    return save.version, save.at, save.fact.action is RECALCULATED


def _make_past_save(row: Mapping[Any, Any], concealment: Concealment) -> PastSave:
    body = open_body(row["body"], row["id"], concealment)
    return PastSave(
        fact=fact_of(row, body),
        who=row["name"] or row["actor"],
        changes=tuple(
            PastChange(name.removeprefix(ITEM), _read_cell(change.old), _read_cell(change.new))
            for name, change in body.items()
            if name.startswith(ITEM)
        ),
    )


def _read_cell(stored: Mapping[str, Any] | None) -> Cell | None:
    return None if stored is None else make_cell(stored)


def get_cells_at(entry: Entry, past: list[PastSave], version: int) -> dict[str, Cell]:
    """An entry's cells as they were at a version. past: its saves, newest first."""
    cells = dict(entry.kept_cells)
    for change in (made for save in past if save.version > version for made in save.changes):
        cells.pop(change.item, None)
        if change.old is not None:
            cells[change.item] = change.old
    return cells
