"""Signed receipts of allocations: they leave the database, and bring an allocation back after a restore."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from capture import clock, entropy
from capture.db import Database
from capture.ledger.canonical import canonical
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction
from capture.participants.tables import participant
from capture.randomisation.reads import Allocated
from capture.randomisation.tables import outbox

KIND = "receipt"


def place_tag(tx: Transaction, study: str, list_name: str, list_position: int) -> str:
    """A keyed hash of the list position: after a restore the server recognises it, nobody reads it."""
    return tag_of(tx.concealment, study, list_name, list_position)


def tag_of(concealment: Concealment, study: str, list_name: str, list_position: int) -> str:
    return concealment.tag(f"{study}\n{list_name}\n{list_position}")


def queue_receipt(tx: Transaction, study: str, done: Allocated, tag: str) -> None:
    """Put the receipt into the outbox, in the transaction of the allocation itself."""
    person = tx.connection.execute(
        sa.select(participant).where(participant.c.id == done.participant)
    ).one()
    content = {
        "study": study,
        "randomisation": done.randomisation,
        "number": done.number,
        "participant": done.participant,
        "screening_number": person.screening_number,
        "participant_number": person.participant_number,
        "screened_on": person.screened_on,
        "enrolled_on": person.enrolled_on,
        "site": done.site,
        "arm": done.arm,
        "levels": dict(done.levels),
        "design_version": done.design_version,
        "local_date": done.local_date,
        "at": done.at,
        "by": done.by,
        "request_id": done.request_id,
        "place": tag,
    }
    tx.connection.execute(
        outbox.insert().values(
            id=entropy.new_id(), kind=KIND, study=study, content=content, created_at=tx.at
        )
    )


def _message(receipt: Mapping[str, Any]) -> bytes:
    return b"sarcomere receipt\n" + canonical(
        {k: v for k, v in receipt.items() if k != "signature"}
    )


def signed(receipt: Mapping[str, Any], signing_key: bytes) -> dict[str, Any]:
    """The receipt with its Ed25519 signature."""
    key = Ed25519PrivateKey.from_private_bytes(signing_key)
    return {**receipt, "signature": key.sign(_message(receipt)).hex()}


def is_genuine(receipt: Mapping[str, Any], signing_key: bytes) -> bool:
    """Whether this installation signed the receipt as it stands."""
    key = Ed25519PrivateKey.from_private_bytes(signing_key).public_key()
    try:
        key.verify(bytes.fromhex(str(receipt["signature"])), _message(receipt))
    except (InvalidSignature, KeyError, ValueError, TypeError):
        return False
    return True


def deliver(database: Database, signing_key: bytes, folder: Path) -> int:
    """Append every undelivered receipt to its study's file outside the database; says how many.

    A receipt may be written twice when the process dies in between; its readers take it once.
    """
    with database.reading() as connection:
        waiting = connection.execute(
            sa.select(outbox).where(outbox.c.delivered_at.is_(None)).order_by(outbox.c.id)
        ).all()
    if not waiting:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for row in waiting:
        line = json.dumps(signed(row.content, signing_key), sort_keys=True)
        with (folder / f"{row.study}.jsonl").open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")
    with database.writing() as connection:
        connection.execute(
            outbox.update()
            .where(outbox.c.id.in_([row.id for row in waiting]))
            .values(delivered_at=clock.instant())
        )
    return len(waiting)


def read_receipts(text: str, signing_key: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Genuine receipts, one a study-wide number, and what is wrong with the other lines, in words."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            receipt = json.loads(line)
        except ValueError:
            problems.append(f"line {number}: this is not a receipt")
            continue
        if isinstance(receipt, dict) and is_genuine(receipt, signing_key):
            found[str(receipt["randomisation"]), int(receipt["number"])] = receipt
        else:
            problems.append(f"line {number}: the signature does not hold; this receipt was changed")
    return [found[key] for key in sorted(found)], problems
