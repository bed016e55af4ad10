"""Taking a backup: seal, copy one state of the whole database, describe it, give it its name."""

from __future__ import annotations

import shutil
from pathlib import Path

from capture import ids
from capture.backup import postgresql_dump, sqlite_file
from capture.backup.manifest import (
    FILES,
    BackupContents,
    Manifest,
    contents_of,
    engine_of,
    write_manifest,
)
from capture.config import Config
from capture.db import Database
from capture.ledger.sealing import seal
from capture.problems import ConfigurationProblem, Refused


def take(config: Config, folder: Path) -> Manifest:
    """Back the database up into a new folder; half a backup is never left under its name.

    Raises Refused when the folder has something in it or the copy fails, ConfigurationProblem.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} has something in it. Name a new folder for each backup.")
    database = Database.of(config)
    try:
        seal(database)
    finally:
        database.engine.dispose()
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.with_name(f"{folder.name}.unfinished-{ids.new_id()}")
    unfinished.mkdir(mode=0o700)
    try:
        contents = _copy_database(config, unfinished)
        manifest = write_manifest(unfinished, engine_of(config), contents)
        unfinished.replace(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def _copy_database(config: Config, folder: Path) -> BackupContents:
    target = folder / FILES[engine_of(config)]
    if not config.is_sqlite:
        return _dump_database(config, target)
    sqlite_file.copy(sqlite_file.path_of(config.database_url), target)
    copy = Database(f"sqlite:///{target}")
    with copy.reading() as connection:
        contents = contents_of(connection, config.checkpoint_key)
    copy.engine.dispose()
    sqlite_file.as_one_file(target)
    return contents


def _dump_database(config: Config, target: Path) -> BackupContents:
    if not config.owner_url:
        raise ConfigurationProblem(
            "SARCOMERE_OWNER_URL is not set: only the database's owner may back it up."
        )
    owner = Database(config.owner_url)
    try:
        with owner.reading() as connection:
            contents = contents_of(connection, config.checkpoint_key)
            postgresql_dump.dump(connection, config.owner_url, target)
    finally:
        owner.engine.dispose()
    return contents
