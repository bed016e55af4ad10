"""Whatever the database's owner changes behind the program's back, verify names the place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from capture.cli import main
from capture.config import Config
from capture.db import folded_tables
from capture.ledger.canonical import canonical, item_digest
from capture.ledger.tables import checkpoint, counter, ledger, ledger_body, seal
from capture.wiring import Services
from tests import postgres
from tests.rehearsed import rehearsed_config
from tests.tampering import change, findings, owner_of, remove, rows_of, tables_with_rows
from tests.trial import GIST


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rehearsed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Config]:
    config = rehearsed_config(request.param, tmp_path_factory.mktemp("rehearsed"))
    yield config
    if not config.is_sqlite:
        postgres.drop_database(postgres.Urls(config.owner_url, config.database_url))


@pytest.fixture
def owner(rehearsed: Config) -> Iterator[sa.Connection]:
    """The owner at work; nothing of it stays."""
    with owner_of(rehearsed) as connection:
        yield connection
