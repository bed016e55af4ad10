"""What a landed release stored is opened, verified and exported alike by every later one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture.access import SYSTEM, Action
from capture.config import Config
from capture.db import Database
from capture.installation import open_installation
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger
from capture.ledger.verify import verify_study
from capture.migrate import migrate
from tests.support.release_database import (
    STUDY,
    ReleaseDatabase,
    digest_datasets,
    list_release_databases,
)


@pytest.fixture(params=list_release_databases(), ids=lambda release: release.folder.name)
def release(request: pytest.FixtureRequest) -> ReleaseDatabase:
    found: ReleaseDatabase = request.param
    return found


@pytest.fixture
def config(release: ReleaseDatabase, tmp_path: Path) -> Config:
    data = tmp_path / "var"
    data.mkdir()
    return release.unpack(data)


@pytest.fixture
def database(config: Config) -> Iterator[Database]:
    """The release's database, brought up to this one."""
    owner = Database(config.database_url)
    migrate(owner)
    owner.engine.dispose()
    services = open_installation(config)
    yield services.database
    services.database.engine.dispose()


def test_a_landed_releases_database_verifies(database: Database, config: Config) -> None:
    concealment = Concealment(config.concealment_key)
    with database.reading() as connection:
        reports = [verify_study(connection, concealment, study) for study in (STUDY, SYSTEM)]
        actions = set(connection.execute(sa.select(ledger.c.action)).scalars())

    assert [report.findings for report in reports] == [[], []]
    assert actions >= {
        Action.PARTICIPANT_ENROL.value,
        Action.RANDOMISATION_ALLOCATE.value,
        Action.ENTRY_SAVE.value,
    }


def test_a_landed_releases_datasets_keep_their_values(
    release: ReleaseDatabase, database: Database, config: Config, tmp_path: Path
) -> None:
    assert digest_datasets(database, config, tmp_path / "out") == release.expected


def test_a_kept_database_stays_small(release: ReleaseDatabase) -> None:
    assert sum(file.stat().st_size for file in release.folder.iterdir()) < 200_000
