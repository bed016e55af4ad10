"""Attached files: which are kept, and their bytes; the caller has looked the participant up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from capture.entry.tables import attached_file


@dataclass(frozen=True)
class KeptFile:
    """One attached file, without its bytes. sha256: None once it was redacted."""

    id: str
    entry: str
    item: str
    sha256: str | None


def find_attached_file(
    connection: sa.Connection, study: str, participant_id: str, file_id: str
) -> KeptFile | None:
    """A file of this participant; None when there is no such file."""
    table = attached_file.c
    row = connection.execute(
        sa.select(table.id, table.entry, table.item, table.sha256).where(
            table.id == file_id, table.study == study, table.participant == participant_id
        )
    ).one_or_none()
    return None if row is None else KeptFile(row.id, row.entry, row.item, row.sha256)


def list_file_ids(
    connection: sa.Connection, study: str, entry_id: str
) -> Mapping[tuple[str, str], str]:
    """The ids of an entry's files by item and SHA-256; without those that were redacted."""
    table = attached_file.c
    rows = connection.execute(
        sa.select(table.id, table.item, table.sha256).where(
            table.study == study, table.entry == entry_id, table.sha256.is_not(None)
        )
    )
    return {(row.item, row.sha256): row.id for row in rows}


def find_bytes(connection: sa.Connection, file_id: str) -> bytes | None:
    """The bytes of a file; None when it was redacted or does not exist."""
    statement = sa.select(attached_file.c.bytes).where(attached_file.c.id == file_id)
    found = connection.execute(statement).scalar()
    return None if found is None else bytes(found)
