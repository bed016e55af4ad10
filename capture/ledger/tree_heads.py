"""Checkpoints against the seals: those in the database, and those held out of its owner's reach."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from capture.ledger import merkle
from capture.ledger.sealing import Checkpoint, message
from capture.ledger.tables import checkpoint, seal

NAMES = ("study", "size", "root", "at", "key", "signature")


def head_findings(
    connection: sa.Connection,
    study: str,
    outside: Iterable[Checkpoint] = (),
    keys: Collection[str] = (),
) -> Iterator[str]:
    """Yield what does not agree between a study's checkpoints and its sealed rows.

    keys: the public keys that may have signed a checkpoint in the database; any when empty.
    """
    statement = sa.select(checkpoint).where(checkpoint.c.study == study)
    inside = [Checkpoint(**row._mapping) for row in connection.execute(statement)]
    heads = [("checkpoint", head) for head in inside]
    heads += [("outside checkpoint", head) for head in outside if head.study == study]
    leaves = connection.execute(
        sa.select(seal.c.leaf).where(seal.c.study == study).order_by(seal.c.position)
    ).scalars()
    tree = merkle.Growing()
    for kind, head in sorted(heads, key=lambda known: known[1].size):
        while tree.size < head.size and (leaf := next(leaves, None)) is not None:
            tree.add(leaf)
        place = f"{kind} {study} of {head.size} rows"
        yield from _findings(place, head, tree)
        if kind == "checkpoint" and keys and head.key not in keys:
            yield f"{place}: it is signed with a key that is not this installation's"


def _findings(place: str, head: Checkpoint, tree: merkle.Growing) -> Iterator[str]:
    if not _is_signed(head):
        yield f"{place}: its signature does not hold"
    if tree.size < head.size:
        yield f"{place}: only {tree.size} rows are sealed now; rows are missing"
    elif tree.root() != head.root:
        yield f"{place}: the sealed rows up to it are not the ones it was signed for"


def _is_signed(head: Checkpoint) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
        covered = message(head.study, head.size, head.root, head.at)
        key.verify(bytes.fromhex(head.signature), covered)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Checkpoints from a file held outside: one a line, or the manifest of an export or backup.

    Raises ValueError naming the line that cannot be read, or the file when it holds none.
    """
    text = path.read_text(encoding="utf-8")
    heads = _in_manifest(path, text)
    if heads is None:
        lines = [
            (f"{path.name}:{number}", line)
            for number, line in enumerate(text.splitlines(), start=1)
        ]
        heads = [_read(place, line) for place, line in lines if line.strip()]
    if not heads:
        raise ValueError(f"{path.name}: there is no checkpoint in it")
    return heads


def _in_manifest(path: Path, text: str) -> list[Checkpoint] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    if not isinstance(content, dict) or not content.keys() & {"tree_head", "tree_heads"}:
        return None
    found = content.get("tree_heads", [content.get("tree_head")])
    return [_checkpoint(path.name, head) for head in found]


def _read(place: str, line: str) -> Checkpoint:
    try:
        content = json.loads(line)
    except ValueError as problem:
        raise ValueError(f"{place}: this is not a checkpoint ({problem})") from problem
    return _checkpoint(place, content)


def _checkpoint(place: str, content: Any) -> Checkpoint:
    try:
        texts = {name: str(content[name]) for name in NAMES if name != "size"}
        return Checkpoint(size=int(content["size"]), **texts)
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"{place}: this is not a checkpoint ({problem})") from problem
