"""Halts randomisation when a file outside the database is newer than the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from capture import ids
from capture.access import SYSTEM_ACTOR, Action
from capture.db import Database, Words
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, transaction
from capture.ledger.tables import seal
from capture.randomisation import reads
from capture.randomisation.tables import design_version, halt, number_head

RECEIPTS = "receipts"
CHECKPOINTS = "checkpoints"
TAIL_BYTES = 65_536
"""The bytes read from the end of each file, where the newest receipts and checkpoints are."""

Line = Mapping[str, Any]


def halt_all(tx: Transaction, why: str) -> None:
    """Halt every randomisation of every study that has a design, as the system.

    Also a randomisation without an active design: the restore may have lost the activation.
    """
    rows = tx.connection.execute(
        sa.select(design_version.c.study, design_version.c.randomisation).distinct()
    ).all()
    for row in rows:
        halt_randomisation(tx, row.study, row.randomisation, why)


def halt_randomisation(tx: Transaction, study: str, name: str, why: str) -> None:
    """Halt one randomisation; a halt in force stays as it is."""
    if reads.find_open_halt(tx.connection, study, name) is None:
        tx.about(f"randomisation/{name}", study=study).record(
            Action.RANDOMISATION_HALT, {"id": ids.new_id(), "reason": why}
        )


def halt_if_outside_is_newer(database: Database, concealment: Concealment, data: Path) -> None:
    """Halt where a receipt or checkpoint in the data folder is newer than the database.

    Checked when the program starts, before each allocation, and when a design is activated or
    envelopes are printed or recorded: a database older than its files has been restored, and its
    next list position may have been allocated already. All randomisations of the study halt, since
    all of them were set back.
    """
    # The files are read first: their content was committed before, so the database, read later,
    # must have it.
    outside = list(_list_outside_lines(data))
    with database.reading() as connection:
        behind = [
            found for study, lines in outside for found in _list_behind(connection, study, lines)
        ]
    if behind:
        with transaction(database, SYSTEM_ACTOR, concealment) as tx:
            for study, name, why in behind:
                halt_randomisation(tx, study, name, why)


def _list_outside_lines(data: Path) -> Iterator[tuple[str, list[Line]]]:
    for kind in (RECEIPTS, CHECKPOINTS):
        for path in sorted((data / kind).glob("*.jsonl")):
            yield (
                path.stem,
                [line for line in _read_last_lines(path) if line.get("study") == path.stem],
            )


def _read_last_lines(path: Path) -> Iterator[Line]:
    """Return the complete lines at the end of a file, without a line cut short by a crash."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read().split(b"\n")
    for line in lines:
        try:
            found = orjson.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _list_behind(
    connection: sa.Connection, study: str, lines: list[Line]
) -> Iterator[tuple[str, str, str]]:
    newest: dict[str, int] = {}
    for line in lines:
        if "number" in line and "randomisation" in line:
            name = line["randomisation"]
            newest[name] = max(newest.get(name, 0), line["number"])
    is_missed = any(n > get_last_number(connection, study, name) for name, n in newest.items())
    ahead = _list_newer_checkpoints(connection, study, lines)
    if not (is_missed or ahead):
        return
    for name in _list_running(connection, study):
        if is_missed:
            yield study, name, "a receipt is newer than the database"
        elif any(at > _get_last_reconciliation(connection, study, name) for at in ahead):
            yield study, name, "a checkpoint is newer than the database"


def _list_running(connection: sa.Connection, study: str) -> list[str]:
    """Return the randomisations with a design, active or not, that are not halted."""
    names = connection.execute(
        sa.select(design_version.c.randomisation).where(design_version.c.study == study).distinct()
    ).scalars()
    return [name for name in sorted(names) if reads.find_open_halt(connection, study, name) is None]


def _list_newer_checkpoints(connection: sa.Connection, study: str, lines: list[Line]) -> list[str]:
    """Return the instants of the checkpoints that cover more than the database has."""
    checkpoints = [line for line in lines if "size" in line and "at" in line]
    if not checkpoints:
        return []
    sealed = connection.execute(_SEALED, {"study": study}).scalar() or 0
    return [line["at"] for line in checkpoints if line["size"] > sealed]


def _get_last_reconciliation(connection: sa.Connection, study: str, name: str) -> str:
    """Return the instant of the last reconciliation of a randomisation; empty without one."""
    ended = connection.execute(
        sa.select(sa.func.max(halt.c.ended_at)).where(
            halt.c.study == study, halt.c.randomisation == name
        )
    ).scalar()
    return ended or ""


def get_last_number(connection: sa.Connection, study: str, name: str) -> int:
    """Get the highest study-wide number of a randomisation in the database."""
    following = connection.execute(_FOLLOWING, {"study": study, "name": name}).scalar()
    return (following or 1) - 1


# Used before every allocation, so built once.
_STUDY = sa.bindparam("study", type_=Words)
_SEALED = sa.select(sa.func.max(seal.c.position)).where(seal.c.study == _STUDY)
_FOLLOWING = sa.select(number_head.c.next_number).where(
    number_head.c.study == _STUDY,
    number_head.c.randomisation == sa.bindparam("name", type_=Words),
)
