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
    PLANS,
    ReleaseDatabase,
    digest_datasets,
    list_release_databases,
)

HELD = (
    Action.PARTICIPANT_ENROL,
    Action.RANDOMISATION_ALLOCATE,
    Action.ENTRY_SAVE,
    Action.ENTRY_MARK_IN_ERROR,
    Action.ENTRY_REINSTATE,
    Action.QUERY_ANSWER,
    Action.COHORT_RECORD,
    Action.DOSE_REGISTER,
    Action.DOSE_DECIDE,
    Action.PARTICIPANT_WITHDRAW,
    Action.PARTICIPANT_TRANSFER,
)
"""Some of what every kept database holds."""


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
        reports = {
            study: verify_study(connection, concealment, study)
            for study in (*(plan.study for plan in PLANS), SYSTEM)
        }
        actions = set(connection.execute(sa.select(ledger.c.action)).scalars())

    assert {study: report.findings for study, report in reports.items() if report.findings} == {}
    assert {action.value for action in HELD} - actions == set()


def test_a_landed_releases_datasets_keep_their_values(
    release: ReleaseDatabase, database: Database, config: Config, tmp_path: Path
) -> None:
    for study, expected in release.expected.items():
        assert digest_datasets(database, config, tmp_path / study, study) == expected


def test_a_kept_database_stays_small(release: ReleaseDatabase) -> None:
    assert sum(file.stat().st_size for file in release.folder.iterdir()) < 1_000_000
