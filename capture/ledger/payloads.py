"""Rows and bodies of the ledger turned back into facts, and the hash that holds a row together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from capture.access import Action
from capture.ledger import canonical
from capture.ledger.concealment import Concealment, is_concealed
from capture.ledger.fold import Change, LedgerRow
from capture.ledger.tables import ledger

LEDGER_COLUMNS = tuple(column.name for column in ledger.columns if column.name != "row_hash")

REDACTED_VALUE = {"m": "redacted"}
"""What stands for a redacted value: an item without value, missing because it was redacted."""


def row_digest(row: Mapping[str, Any]) -> str:
    """The hash of a ledger row: over all its columns but the hash itself, in the table's order."""
    return canonical.digest([row[name] for name in LEDGER_COLUMNS])


def fact_of(row: Mapping[Any, Any], changes: Mapping[str, Change]) -> LedgerRow:
    return LedgerRow(
        id=row["id"],
        study=row["study"],
        at=row["at"],
        occurred_at=row["occurred_at"],
        actor=row["actor"],
        role=row["role"],
        action=Action(row["action"]),
        subject=row["subject"],
        reason=row["reason"],
        request_id=row["request_id"],
        study_version=row["study_version"],
        body=changes,
    )


def open_body(body: str, ledger_id: str, concealment: Concealment) -> dict[str, Change]:
    """Return the items of a stored body; a redacted one is REDACTED_VALUE on both sides."""
    changes = {}
    for name, content in orjson.loads(body).items():
        if isinstance(content, dict):
            changes[name] = Change(REDACTED_VALUE, REDACTED_VALUE)
            continue
        _salt, old, new = content
        if is_concealed(new):
            new = concealment.reveal(new, f"{ledger_id}/{name}")
        changes[name] = Change(old, new)
    return changes
