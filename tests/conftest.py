"""Fixtures for every kind of test: a migrated database on each engine, the app, people in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from capture import create_app
from capture.config import Config
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.migrate import migrate
from capture.wiring import Services
from tests import postgres
from tests.builders import PASSWORD, Visitor, make_config


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest migration, to be copied."""
    path = tmp_path_factory.mktemp("template") / "sarcomere.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.engine.dispose()
    return path


def migrate_template(urls: postgres.Urls) -> None:
    database = Database(urls.owner)
    migrate(database, postgres.APPLICATION)
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def config(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """The settings of an installation of the test's own, its database migrated and empty."""
    if engine_name == "sqlite":
        source = request.getfixturevalue("migrated_file")
        shutil.copy(source, tmp_path / "sarcomere.sqlite")
        yield make_config(data=tmp_path)
        return
    urls = postgres.new_database(postgres.template("migrated", migrate_template))
    yield make_config(data=tmp_path, database_url=urls.application, owner_url=urls.owner)
    postgres.drop_database(urls)


@pytest.fixture
def services(config: Config) -> Iterator[Services]:
    known = Services.of(config)
    yield known
    known.database.engine.dispose()


@pytest.fixture
def database(services: Services) -> Database:
    return services.database


@pytest.fixture
def concealment(services: Services) -> Concealment:
    return services.concealment


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    made = create_app(config)
    made.testing = True
    yield made
    made.extensions["sarcomere"].database.engine.dispose()


@pytest.fixture
def client(app: Flask) -> Visitor:
    """A browser that has not signed in."""
    return Visitor(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Visitor]:
    """Sign an account in, in a browser of its own: sign_in("nurse@site.example")."""

    def signed_in(email: str, password: str = PASSWORD) -> Visitor:
        visitor = Visitor(app)
        answer = visitor.sign_in(email, password)
        assert answer.status_code == 303, answer.text
        return visitor

    return signed_in
