"""Rows struck out as entered in error, which can be reinstated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.entry import tables
from capture.entry.reads.entries import Entry, make_entry
from capture.problems import NotFound

NOT_IN_ERROR = "This does not count as entered in error. Load the participant's page again."
"""Said of what was reinstated, and of what a reader is not to know of."""


@dataclass(frozen=True)
class StruckRow:
    """A form, visit or person that no longer counts. kind: entry, visit or participant."""

    id: str
    kind: str
    about: str
    at: str
    marked_by: str
    reason: str
    content: Mapping[str, list[dict[str, Any]]]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(make_entry(row) for row in self.content.get("entry", ()))


def list_struck(connection: sa.Connection, participant_id: str) -> list[StruckRow]:
    """Everything of one participant that is struck out now, the latest first."""
    table = tables.entered_in_error
    rows = connection.execute(
        sa.select(table)
        .where(table.c.participant == participant_id)
        .order_by(table.c.at.desc(), table.c.id.desc())
    )
    names = StruckRow.__dataclass_fields__
    return [StruckRow(**{name: row[name] for name in names}) for row in rows.mappings()]


def get_struck(connection: sa.Connection, participant_id: str, struck_id: str) -> StruckRow:
    """One struck row by its id. Raises NotFound, also when it was put back meanwhile."""
    for struck in list_struck(connection, participant_id):
        if struck.id == struck_id:
            return struck
    raise NotFound(NOT_IN_ERROR)
