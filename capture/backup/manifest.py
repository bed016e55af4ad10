"""What a backup says of itself: which record it holds, and how to tell that it is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.migration import MigrationContext

from capture import clock
from capture.config import Config
from capture.ledger.sealing import Checkpoint, tree_head
from capture.ledger.service import SOFTWARE
from capture.ledger.tables import ledger, seal
from capture.problems import Refused

MANIFEST = "MANIFEST.json"
LAYOUT = 1
SQLITE, POSTGRESQL = "sqlite", "postgresql"
FILES = {SQLITE: "sarcomere.sqlite", POSTGRESQL: "sarcomere.dump"}


@dataclass(frozen=True)
class BackupContents:
    """What a database holds: its migration, ledger rows per study, and the signed tree heads."""

    revision: str
    rows: Mapping[str, int]
    tree_heads: Sequence[Checkpoint]


@dataclass(frozen=True)
class Manifest:
    """The backup's own words: engine, when and by which release it was made, and its contents."""

    engine: str
    taken_at: str
    software: str
    sha256: str
    contents: BackupContents

    @property
    def file(self) -> str:
        return FILES[self.engine]


def engine_of(config: Config) -> str:
    return SQLITE if config.is_sqlite else POSTGRESQL


def contents_of(connection: sa.Connection, signing_key: bytes) -> BackupContents:
    """Read what a database holds, all of one moment."""
    counted = sa.select(ledger.c.study, sa.func.count()).group_by(ledger.c.study)
    sizes = sa.select(seal.c.study, sa.func.max(seal.c.position)).group_by(seal.c.study)
    heads = [
        tree_head(connection, study, size, signing_key)
        for study, size in sorted(tuple(row) for row in connection.execute(sizes))
    ]
    rows = sorted(tuple(row) for row in connection.execute(counted))
    revision = MigrationContext.configure(connection).get_current_revision() or ""
    return BackupContents(revision, dict(rows), heads)


def write_manifest(folder: Path, engine: str, contents: BackupContents) -> Manifest:
    """Describe the database file in the folder; last, so that it stands for a whole backup."""
    sha256 = digest_of(folder / FILES[engine])
    manifest = Manifest(engine, clock.instant(), SOFTWARE, sha256, contents)
    text = json.dumps(
        {
            "layout": LAYOUT,
            "engine": engine,
            "taken_at": manifest.taken_at,
            "software": manifest.software,
            "file": manifest.file,
            "sha256": sha256,
            "revision": contents.revision,
            "rows": contents.rows,
            "tree_heads": [asdict(head) for head in contents.tree_heads],
        },
        indent=2,
    )
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read a backup's manifest and check its database file against it. Raises Refused."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        contents = BackupContents(
            str(told["revision"]),
            {str(study): int(count) for study, count in told["rows"].items()},
            [Checkpoint(**head) for head in told["tree_heads"]],
        )
        words = {name: str(told[name]) for name in ("engine", "taken_at", "software", "sha256")}
        manifest = Manifest(contents=contents, **words)
        found = digest_of(folder / manifest.file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise Refused(
            f"{folder} is not a whole backup: {MANIFEST} or its file cannot be read."
        ) from (problem)
    if found != manifest.sha256:
        raise Refused(
            f"{folder / manifest.file} is not the file that was backed up (its SHA-256 differs). "
            "Nothing was changed."
        )
    return manifest


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
