"""Restoring a backup: what would be lost is told first, and nobody randomises on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from capture.access import SYSTEM_ACTOR
from capture.accounts.tables import session
from capture.backup import postgresql_dump, sqlite_file
from capture.backup.existing import keep_present
from capture.backup.manifest import Manifest, engine_of, read_manifest
from capture.config import Config
from capture.db import Database, lock_beside
from capture.ledger.concealment import Concealment
from capture.ledger.service import transaction
from capture.ledger.tree_heads import head_findings
from capture.migrate import is_known, migrate
from capture.problems import ConfigurationProblem, Refused
from capture.randomisation.recovery.service.reconcile import halt_all
from capture.randomisation.tables import halt
from capture.readiness import is_of_first_release
from capture.writelock import WriteLock


@dataclass(frozen=True)
class RestoreResult:
    """What a restore did: its backup, how many randomisations it halted, where the old state is."""

    manifest: Manifest
    halted: int
    kept: Path | None


def restore(config: Config, folder: Path, *, yes_replace: bool = False) -> RestoreResult:
    """Put a backup in the place of the database, with every randomisation halted.

    yes_replace: also when the database holds what the backup does not; it is kept beside all the
    same. Raises Refused with nothing changed, ConfigurationProblem.
    """
    manifest = read_manifest(folder)
    if manifest.engine != engine_of(config):
        raise Refused(
            f"This is a backup of {manifest.engine}; the database here is {engine_of(config)}. "
            "Export and import are the way from one to the other."
        )
    if is_of_first_release(manifest.contents.revision):
        raise Refused(
            f"The backup was made by the first release ({manifest.software}), and this release "
            "cannot use it. Nothing was changed. Restore it with the release that made it."
        )
    if not is_known(manifest.contents.revision):
        raise Refused(
            f"The backup was made by a newer release ({manifest.software}). Nothing was changed. "
            "Install that release first."
        )
    source = folder / manifest.file
    if config.is_sqlite:
        return _restored_file(config, manifest, source, yes_replace)
    return _restored_dump(config, manifest, source, yes_replace)


def _restored_file(
    config: Config, manifest: Manifest, source: Path, yes_replace: bool
) -> RestoreResult:
    """Return the state is made ready beside the database, halts included, then takes its place."""
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = sqlite_file.path_of(config.database_url)
    with tempfile.TemporaryDirectory(dir=config.data, prefix="restoring-") as folder:
        ready = Path(folder) / present.name
        sqlite_file.copy(source, ready)
        with _open_database(f"sqlite:///{ready}") as database:
            halted = _made_ready(database, config, manifest)
        kept = keep_present(config, manifest, yes_replace=yes_replace)
        with WriteLock(lock_beside(config.database_url)).hold():
            sqlite_file.copy(ready, present)
    return RestoreResult(manifest, halted, kept)


def _restored_dump(
    config: Config, manifest: Manifest, source: Path, yes_replace: bool
) -> RestoreResult:
    """Return the application gets its rights back last, so that no draw comes before the halts."""
    if not config.owner_url:
        raise ConfigurationProblem(
            "SARCOMERE_OWNER_URL is not set: only the database's owner may restore it."
        )
    role = sa.make_url(config.database_url).username or ""
    with _open_database(config.owner_url) as owner:
        with owner.reading() as connection:
            postgresql_dump.refuse_running_servers(connection, role)
        kept = keep_present(config, manifest, yes_replace=yes_replace)
        with owner.reading() as connection:
            postgresql_dump.put_back(connection, config.owner_url, source)
        halted = _made_ready(owner, config, manifest)
        migrate(owner, role)
    return RestoreResult(manifest, halted, kept)


def _made_ready(database: Database, config: Config, manifest: Manifest) -> int:
    """Bring the restored state up to this release, check it, halt every draw, end every session."""
    migrate(database)
    with database.reading() as connection:
        heads = manifest.contents.tree_heads
        wrong = [
            finding
            for study in manifest.contents.rows
            for finding in head_findings(connection, study, heads)
        ]
    if wrong:
        raise Refused(f"The backup does not hold the record it names: {wrong[0]}.")
    why = f"restored from the backup of {manifest.taken_at}"
    with transaction(database, SYSTEM_ACTOR, Concealment(config.concealment_key)) as tx:
        halt_all(tx, why)
        # A session that was ended since the backup must not come back to life.
        tx.connection.execute(session.delete())
        standing = sa.select(sa.func.count()).select_from(halt).where(halt.c.ended_at.is_(None))
        return int(tx.connection.execute(standing).scalar_one())


@contextmanager
def _open_database(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.engine.dispose()
