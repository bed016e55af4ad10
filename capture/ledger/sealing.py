"""Sealing: each committed row gets its position in the study's tree; the tree's head is signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from capture import clock
from capture.db import BOUNDED_WAIT, Database, Words, refusing_clearly
from capture.ledger import merkle
from capture.ledger.canonical import canonical
from capture.ledger.external_log import append_line
from capture.ledger.tables import checkpoint, ledger, unsealed
from capture.ledger.tables import seal as seal_table
from capture.writelock import WriteLock

SEAL_LOCK = 0x5A1C0  # the advisory lock's number on PostgreSQL
BATCH = 5_000

# Every save runs these, so they are made once.
_ANY_WAITING = sa.select(unsealed.c.sequence).limit(1)
_NEXT_BATCH = (
    sa.select(unsealed.c.sequence, unsealed.c.study, unsealed.c.ledger_id, ledger.c.row_hash)
    .join(ledger, ledger.c.id == unsealed.c.ledger_id)
    .order_by(unsealed.c.sequence)
    .limit(BATCH)
)
_INSERT_SEALS = seal_table.insert()
_DELETE_WAITING = unsealed.delete().where(unsealed.c.sequence == sa.bindparam("sealed"))
_LAST_SEAL = (
    sa.select(seal_table.c.position, seal_table.c.sealed_at)
    .where(seal_table.c.study == sa.bindparam("wanted", type_=Words))
    .order_by(seal_table.c.position.desc())
    .limit(1)
)


def seal(database: Database) -> None:
    """Seal what is committed, if anything is; when another is at work, leave it to that one."""
    if _something_to_seal(database):
        seal_committed(database)


def seal_committed(database: Database) -> None:
    """The same for whoever has just committed rows, and so need not look for them first.

    The one at work looks again after letting go, so that no row committed meanwhile is left.
    """
    is_left = True
    while is_left:
        with _seal_turn(database) as ours:
            if not ours:
                return
            while _seal_batch(database) == BATCH:
                pass
        is_left = _something_to_seal(database)


def _something_to_seal(database: Database) -> bool:
    # One row of one table: a look outside any transaction is as good, and half the work.
    with database.engine.connect() as connection:
        return connection.execute(_ANY_WAITING).first() is not None


@contextmanager
def _seal_turn(database: Database, *, wait: bool = False) -> Iterator[bool]:
    """Yield the right to seal: one at a time across threads and processes.

    wait: until it is free, or Busy when that takes too long.
    """
    if database.is_sqlite:
        path = Path(str(sa.make_url(database.url).database) + ".seal-lock")
        lock = WriteLock(path)
        with lock.hold() if wait else lock.if_free() as taken:
            yield taken is not False
        return
    with database.engine.connect() as connection:
        ours = _is_taken(connection, wait=wait)
        try:
            yield ours
        finally:
            if ours:
                connection.execute(sa.text(f"SELECT pg_advisory_unlock({SEAL_LOCK})"))
            connection.rollback()


def _is_taken(connection: sa.Connection, *, wait: bool) -> bool:
    verb = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with refusing_clearly():
        connection.exec_driver_sql(BOUNDED_WAIT)
        return connection.execute(sa.text(f"SELECT {verb}({SEAL_LOCK})")).scalar() is not False


def _seal_batch(database: Database) -> int:
    """Move one batch of visible unsealed rows, in insertion order; says how many."""
    with database.writing() as connection:
        rows = connection.execute(_NEXT_BATCH).all()
        if not rows:
            return 0
        # One instant for all of them: as of any other one an act is known whole or not at all.
        now = clock.instant()
        heads: dict[str, tuple[int, str]] = {}
        sealed = []
        for row in rows:
            position, last = heads.get(row.study) or _head(connection, row.study)
            sealed_at = max(now, last)
            heads[row.study] = position + 1, sealed_at
            leaf = merkle.leaf_hash(row.row_hash, position + 1, sealed_at)
            sealed.append(
                {
                    "study": row.study,
                    "position": position + 1,
                    "ledger_id": row.ledger_id,
                    "sealed_at": sealed_at,
                    "leaf": leaf,
                }
            )
        connection.execute(_INSERT_SEALS, sealed)
        connection.execute(_DELETE_WAITING, [{"sealed": row.sequence} for row in rows])
        return len(rows)


def _head(connection: sa.Connection, study: str) -> tuple[int, str]:
    """Return the last position of a study and when it was sealed; (0, "") before the first."""
    last = connection.execute(_LAST_SEAL, {"wanted": study}).first()
    return (last.position, last.sealed_at) if last else (0, "")


def position_at(database: Database, study: str, moment: str | None) -> tuple[int, str]:
    """Return the last position sealed at or before an instant, with its sealing time.

    Without an instant everything committed is sealed first. Read under the seal lock, so that no
    late commit can slip under a position already given out. Raises ValueError for a future one.
    """
    if moment is None:
        seal(database)
    with _seal_turn(database, wait=True):
        if moment is None:
            while _seal_batch(database) == BATCH:
                pass
        elif moment > clock.instant():
            raise ValueError("the instant is in the future")
        with database.reading() as connection:
            if moment is None:
                return _head(connection, study)
            last = connection.execute(
                sa.select(seal_table.c.position, seal_table.c.sealed_at)
                .where(seal_table.c.study == study, seal_table.c.sealed_at <= moment)
                .order_by(seal_table.c.position.desc())
                .limit(1)
            ).first()
            return (last.position, last.sealed_at) if last else (0, "")


@dataclass(frozen=True)
class Checkpoint:
    """A signed tree head. at: when the last of its `size` rows was sealed."""

    study: str
    size: int
    root: str
    at: str
    key: str
    signature: str

    @property
    def message(self) -> bytes:
        return message(self.study, self.size, self.root, self.at)

    def as_line(self) -> str:
        return json.dumps(self.__dict__, sort_keys=True)


def message(study: str, size: int, root: str, at: str) -> bytes:
    """Return what a checkpoint's signature covers."""
    return b"sarcomere checkpoint\n" + canonical([study, size, root, at])


def public_key(signing_key: bytes) -> str:
    key = Ed25519PrivateKey.from_private_bytes(signing_key).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def tree_head(connection: sa.Connection, study: str, size: int, signing_key: bytes) -> Checkpoint:
    """Sign the head of the first `size` rows of a study's tree."""
    rows = connection.execute(
        sa.select(seal_table.c.leaf, seal_table.c.sealed_at)
        .where(seal_table.c.study == study, seal_table.c.position <= size)
        .order_by(seal_table.c.position)
    )
    at = ""

    def leaves() -> Iterator[str]:
        nonlocal at
        for row in rows:
            at = row.sealed_at
            yield row.leaf

    root = merkle.root(leaves())
    key = Ed25519PrivateKey.from_private_bytes(signing_key)
    signature = key.sign(message(study, size, root, at)).hex()
    return Checkpoint(study, size, root, at, public_key(signing_key), signature)


def sign_checkpoints(database: Database, signing_key: bytes, folder: Path) -> list[Checkpoint]:
    """Sign the head of every study that grew since its last checkpoint.

    Each is appended to a file of its study in `folder`, then stored in the database: what could not
    leave is signed again. Raises OSError.
    """
    with _seal_turn(database, wait=True):
        with database.reading() as connection:
            made = [
                tree_head(connection, study, size, signing_key)
                for study, size in _grown(connection)
            ]
        folder.mkdir(parents=True, exist_ok=True)
        for head in made:
            append_line(folder / f"{head.study}.jsonl", head.as_line())
            with database.writing() as connection:
                connection.execute(checkpoint.insert(), head.__dict__)
    return made


def _grown(connection: sa.Connection) -> list[tuple[str, int]]:
    """Studies with more sealed rows than their last checkpoint covers, and how many rows."""
    last = sa.func.max(checkpoint.c.size)
    signed = {
        row.study: row.size
        for row in connection.execute(
            sa.select(checkpoint.c.study, last.label("size")).group_by(checkpoint.c.study)
        )
    }
    head = sa.func.max(seal_table.c.position)
    sizes = connection.execute(
        sa.select(seal_table.c.study, head.label("size")).group_by(seal_table.c.study)
    )
    return sorted((row.study, row.size) for row in sizes if row.size > signed.get(row.study, 0))
