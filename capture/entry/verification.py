"""Verifies that every attached file exists and has the hash that the ledger holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.entry.fold import FILE, ITEM
from capture.entry.tables import attached_file
from capture.ledger.concealment import Concealment
from capture.ledger.payloads import REDACTED_VALUE, open_body
from capture.ledger.tables import ledger, ledger_body
from capture.ledger.verify import STUDY_CHECKS, MissingRow
from forms.values import Attached, attached_in

SAYS_NOTHING = Attached("", -1, "")


@dataclass(frozen=True)
class _RecordedFile:
    """One file as its save recorded it. file: None once it was redacted."""

    id: str
    participant: str
    entry: str
    item: str
    file: Attached | None


def list_file_findings(
    connection: sa.Connection, concealment: Concealment, study: str
) -> Iterator[str]:
    """Name each file that is missing, changed or unknown to the ledger; list the redacted ones."""
    known = set()
    for said in list(_list_recorded_files(connection, concealment, study)):
        known.add(said.id)
        statement = sa.select(attached_file).where(
            attached_file.c.id == said.id, attached_file.c.study == study
        )
        row = connection.execute(statement).mappings().one_or_none()
        place = f"attached_file {said.id}"
        if row is None:
            yield f"{place}: the ledger has it, the table does not"
        elif wrong := list(_list_wrong_columns(said, row)):
            yield f"{place}: {', '.join(wrong)} differs from what the ledger says"
        elif said.file is None:
            yield MissingRow(f"{place}: {said.item} of entry {said.entry}, the bytes of the file")
    ids = sa.select(attached_file.c.id).where(attached_file.c.study == study)
    for file_id in sorted(set(connection.execute(ids).scalars()) - known):
        yield f"attached_file {file_id}: it has no ledger row"


def _list_recorded_files(
    connection: sa.Connection, concealment: Concealment, study: str
) -> Iterator[_RecordedFile]:
    statement = (
        sa.select(ledger.c.id, ledger.c.subject, ledger_body.c.body)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .where(ledger.c.study == study, ledger_body.c.body.contains(f'"{FILE}'))
        .order_by(ledger.c.id)
    )
    for row in connection.execute(statement):
        body = open_body(row.body, row.id, concealment)
        for name in sorted(body):
            if name.startswith(FILE):
                item = name.removeprefix(FILE)
                yield _RecordedFile(
                    id=body[name].new,
                    participant=row.subject.partition("/")[2],
                    entry=body["id"].new,
                    item=item,
                    file=_read_file(body[f"{ITEM}{item}"].new),
                )


def _read_file(cell: Mapping[str, Any]) -> Attached | None:
    return None if cell == REDACTED_VALUE else attached_in(cell["v"]) or SAYS_NOTHING


def _list_wrong_columns(said: _RecordedFile, row: Mapping[Any, Any]) -> Iterator[str]:
    """The columns that are not as the ledger says; of a redacted file nothing may be left."""
    for name in ("participant", "entry", "item"):
        if row[name] != getattr(said, name):
            yield name
    file = said.file
    if row["sha256"] != (file.sha256 if file else None):
        yield "sha256"
    if row["size"] != (file.size if file else None):
        yield "size"
    content = row["bytes"]
    found = None if content is None else (hashlib.sha256(content).hexdigest(), len(content))
    if found != ((file.sha256, file.size) if file else None):
        yield "bytes"


STUDY_CHECKS.append(list_file_findings)
