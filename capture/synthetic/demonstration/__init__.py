"""The demonstration: what `make run` shows, built through the same services as everything else."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

from capture.access import SYSTEM_ACTOR
from capture.accounts import demonstration
from capture.config import Config
from capture.db import Database
from capture.installation import Services
from capture.ledger.service import transaction
from capture.migrate import migrate
from capture.synthetic import rehearse
from capture.synthetic.demonstration import imatinib, muscle_transfer

STUDIES = (imatinib, muscle_transfer)
DATABASE = "sarcomere.sqlite"


def build(config: Config) -> None:
    """Build the demonstration where there is none; running it again changes nothing.

    It is built beside its place and moved there whole, so that an interrupted start leaves nothing.
    """
    if (config.data / DATABASE).exists():
        return
    building = config.data / "building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    _fill(replace(config, data=building, database_url=f"sqlite:///{building / DATABASE}"))
    for part in sorted(building.iterdir(), key=lambda path: path.name == DATABASE):
        # The database goes last: once it is there, the demonstration is whole.
        _move(part, config.data / part.name)
    shutil.rmtree(building)


def _move(part: Path, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    os.replace(part, place)


def _fill(config: Config) -> None:
    services = Services.of(config)
    migrate(services.database)
    hashed = demonstration.hash_demonstration_password()
    for study in STUDIES:
        rehearse(services, study.PLAN)
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        demonstration.add_accounts(tx, hashed)
    for study in STUDIES:
        study.add_newcomers(services)
    _settle(services.database)


def _settle(database: Database) -> None:
    """Fold the write-ahead log into the one file, so that it can be moved."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.rollback()
    database.engine.dispose()
