"""Signed receipts of allocations, kept outside the database to re-enter a lost allocation."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from capture import clock, ids
from capture.db import Database, Words
from capture.ledger.canonical import canonical
from capture.ledger.concealment import Concealment
from capture.ledger.external_log import append_line
from capture.ledger.service import Transaction
from capture.participants.records import Participant
from capture.problems import Busy, NotFound
from capture.randomisation.reads import AllocationRow
from capture.randomisation.tables import outbox

KIND = "receipt"
TYPES = {
    **dict.fromkeys(("number", "design_version"), int),
    "levels": dict,
    **dict.fromkeys(
        (
            "study",
            "randomisation",
            "participant",
            "screening_number",
            "screened_on",
            "site",
            "arm",
            "local_date",
            "at",
            "by",
            "request_id",
            "place",
        ),
        str,
    ),
}
"""The fields that a receipt must have to re-enter an allocation, with their types."""

Receipt = dict[str, Any]
_log = logging.getLogger(__name__)


def make_place_tag(concealment: Concealment, study: str, list_name: str, list_position: int) -> str:
    """Return a keyed hash of the list position: only the server can find the position from it."""
    return concealment.tag(f"{study}\n{list_name}\n{list_position}")


def queue_receipt(tx: Transaction, person: Participant, done: AllocationRow, tag: str) -> None:
    """Put the receipt into the outbox, in the transaction of the allocation itself.

    person: locked by the caller. tag: `make_place_tag` of the list position.
    """
    content = {
        "study": person.study,
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
    row = {"id": ids.new_id(), "kind": KIND, "study": person.study}
    tx.connection.execute(_QUEUE, {**row, "content": content, "created_at": tx.at})


def get_receipt(
    connection: sa.Connection, study: str, done: AllocationRow, signing_key: bytes
) -> Receipt:
    """Get the signed receipt of an allocation. Raises NotFound."""
    rows = connection.execute(
        sa.select(outbox.c.content).where(
            outbox.c.study == study,
            outbox.c.kind == KIND,
            outbox.c.content["participant"].as_string() == done.participant,
        )
    ).scalars()
    for content in rows:
        if content["randomisation"] == done.randomisation:
            return sign_receipt(content, signing_key)
    raise NotFound("This allocation has no receipt of its own: it was entered again from one.")


def _make_message(receipt: Mapping[str, Any]) -> bytes:
    content = {name: value for name, value in receipt.items() if name != "signature"}
    return b"sarcomere receipt\n" + canonical(content)


def sign_receipt(receipt: Mapping[str, Any], signing_key: bytes) -> Receipt:
    """Return the receipt with its Ed25519 signature."""
    key = Ed25519PrivateKey.from_private_bytes(signing_key)
    return {**receipt, "signature": key.sign(_make_message(receipt)).hex()}


def is_genuine(receipt: Mapping[str, Any], signing_key: bytes) -> bool:
    """Return whether this installation signed the receipt as it is."""
    key = Ed25519PrivateKey.from_private_bytes(signing_key).public_key()
    try:
        key.verify(bytes.fromhex(str(receipt["signature"])), _make_message(receipt))
    except (InvalidSignature, KeyError, ValueError, TypeError):
        return False
    return all(isinstance(receipt.get(name), kind) for name, kind in TYPES.items())


def deliver(database: Database, signing_key: bytes, folder: Path) -> int:
    """Append each undelivered receipt to its study's file outside the database; return the number.

    A receipt can be written twice when the process ends in between; readers count it once.
    """
    with database.reading() as connection:
        waiting = connection.execute(_WAITING).all()
    if not waiting:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for row in waiting:
        receipt = sign_receipt(row.content, signing_key)
        line = json.dumps(receipt, sort_keys=True)
        append_line(folder / f"{row.study}.jsonl", line, mode=0o600)
    with database.writing() as connection:
        now = clock.instant()
        connection.execute(
            _DELIVERED, [{"delivered": row.id, "delivered_at": now} for row in waiting]
        )
    return len(waiting)


_QUEUE = outbox.insert()
_WAITING = (
    sa.select(outbox.c.id, outbox.c.study, outbox.c.content)
    .where(outbox.c.delivered_at.is_(None))
    .order_by(outbox.c.id)
)
_DELIVERED = outbox.update().where(outbox.c.id == sa.bindparam("delivered", type_=Words))


def try_to_deliver(database: Database, signing_key: bytes, folder: Path) -> None:
    """Deliver receipts after an allocation, which stays valid when the delivery fails."""
    try:
        deliver(database, signing_key, folder)
    except (OSError, Busy) as problem:
        _log.warning("receipts wait in the outbox: %s", type(problem).__name__)


def read_receipts(text: str, signing_key: bytes) -> tuple[list[Receipt], list[str]]:
    """Return genuine receipts, one for each study-wide number, and the faults of other lines.

    text: one receipt a line, or a single downloaded receipt over several lines.
    """
    found: dict[tuple[str, str, int], Receipt] = {}
    problems = []
    for place, content in _list_documents(text):
        if not isinstance(content, dict) or "signature" not in content:
            problems.append(f"{place}: this is not a receipt")
        elif not is_genuine(content, signing_key):
            problems.append(f"{place}: the signature does not hold; this receipt was changed")
        else:
            key = (content["study"], content["randomisation"], content["number"])
            if found.setdefault(key, content) != content:
                problems.append(f"{place}: another receipt has the number {content['number']} too")
    return [found[key] for key in sorted(found)], problems


def _list_documents(text: str) -> list[tuple[str, object]]:
    whole = _parse(text)
    if isinstance(whole, dict):
        return [("the receipt", whole)]
    lines = enumerate(text.splitlines(), start=1)
    return [(f"line {number}", _parse(line)) for number, line in lines if line.strip()]


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
