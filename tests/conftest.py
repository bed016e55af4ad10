"""Fixtures for every kind of test: a migrated database on each engine, the app, people in it."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import argon2
import jinja2
import pytest
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket

from capture import create_app
from capture.accounts import passwords
from capture.config import Config
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.migrate import migrate
from capture.web.request_context import EXTENSION, Services
from tests.support import postgres, postgres_reuse, quick_engines
from tests.support.builders import PASSWORD, Visitor, make_config

pytest_plugins = ["pytester", "tests.support.selection", "tests.support.run_costs"]

# The same argon2id with the least work, as some test signs in every second; that the program's own
# work is what it should be is tested in a process of its own.
passwords._hasher = argon2.PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)

quick_engines.quicken()

# No example has a time of its own: a busy machine would break it, and prove nothing.
settings.register_profile("whole", deadline=None)
settings.load_profile("whole")
# What make test-fast draws, a fifth of what the whole run does.
settings.register_profile("fast", settings.get_profile("whole"), max_examples=20)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start first what takes longest, so that no worker is at it when all else is done.

    A worker takes a file at a time (`--dist loadfile`): what a file's tests share is built once.
    """
    items.sort(key=_turn)  # keeps the chance order of those that are alike


def _turn(item: pytest.Item) -> int:
    length = ("browser", "slow")
    return next((n for n, mark in enumerate(length) if item.get_closest_marker(mark)), len(length))


def pytest_collection_finish() -> None:
    """Have the collector look at what tests make, and not each time at all that was loaded."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Compiled(jinja2.BytecodeCache):
    """Templates as an earlier application of this process compiled them; each test has its own."""

    code: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


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
    urls = postgres_reuse.lend(postgres.template("migrated", migrate_template))
    yield make_config(data=tmp_path, database_url=urls.application, owner_url=urls.owner)
    postgres_reuse.give_back(urls)


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


def new_app(config: Config) -> Flask:
    made = create_app(config)
    made.testing = True
    made.jinja_env.bytecode_cache = Compiled()
    return made


@pytest.fixture(scope="session")
def standing_app(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Flask:
    """One application for the tests of a process: to make it takes longer than most of them."""
    data = tmp_path_factory.mktemp("standing")
    shutil.copy(migrated_file, data / "sarcomere.sqlite")
    made = new_app(make_config(data=data))
    made.test_client().get("/healthz")  # from now on Flask refuses whatever a test would add
    return made


@pytest.fixture
def app(standing_app: Flask, config: Config) -> Iterator[Flask]:
    """The application, serving the test's own installation; a test that adds to it: `own_app`."""
    services = Services.of(config)
    services.database.refuse_ownership()
    settings = dict(standing_app.config)
    standing_app.extensions[EXTENSION] = services
    yield standing_app
    standing_app.config.clear()
    standing_app.config.update(settings)
    services.database.engine.dispose()


@pytest.fixture
def own_app(config: Config) -> Iterator[Flask]:
    """An application that no other test sees."""
    made = new_app(config)
    yield made
    made.extensions[EXTENSION].database.engine.dispose()


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
