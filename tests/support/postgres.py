"""PostgreSQL for tests: one server for a whole run, new databases copied from migrated templates.

The server comes by pip, or `SARCOMERE_TEST_PG` names one (the URL of a superuser, version 15 or
newer). Where neither works the tests fail; they are never skipped.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import psycopg
import sqlalchemy as sa

OWNER = "sarcomere_owner"
APPLICATION = "sarcomere_app"
PASSWORD = "sarcomere-tests"
KEEPER = Path(__file__).with_name("postgres_keeper.py")


class Urls(NamedTuple):
    """How to reach one database: as its owner (migrate, restore) and as the application."""

    owner: str
    application: str


@cache
def server() -> str:
    """The URL of the run's server as superuser; started by whichever worker asks first."""
    external = os.environ.get("SARCOMERE_TEST_PG", "")
    with _locked("server") as folder:
        if (folder / "server-failed").exists():
            _refuse(folder)
        if not (folder / "server-ready").exists():
            _keep(folder, external)
            _make_roles(external or _embedded(folder))
            (folder / "server-ready").touch()
    return _with_driver(external or _embedded(folder))


def template(name: str, prepare: Callable[[Urls], None]) -> str:
    """A database that `prepare` fills once for the whole run; give the answer to `new_database`.

    `prepare` must close its connections: PostgreSQL copies only a database that nobody is in.
    """
    database = _named(name)
    with _locked(f"template-{name}") as folder:
        if not (folder / f"template-{name}-ready").exists():
            _administer(server(), f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            prepare(_create(database, source="template1"))
            (folder / f"template-{name}-ready").touch()
    return database


def new_database(template: str = "template1") -> Urls:
    """A database of its own for one test, copied from `template`."""
    return _create(_named(uuid4().hex[:16]), source=template)


def drop_database(urls: Urls) -> None:
    """Remove a database and put out whoever is still connected; the run's end drops the rest."""
    _administer(
        server(), f'DROP DATABASE IF EXISTS "{sa.make_url(urls.owner).database}" WITH (FORCE)'
    )


def as_superuser(urls: Urls) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection to one database that no right and no trigger holds back."""
    url = sa.make_url(server()).set(database=sa.make_url(urls.owner).database)
    return psycopg.connect(_plain(url.render_as_string(hide_password=False)), autocommit=True)


def _run_number() -> int:
    """The process the run stands and falls with: under xdist the one that started the workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _named(name: str) -> str:
    return f"sarcomere_test_{_run_number()}_{name}"


@contextmanager
def _locked(name: str) -> Iterator[Path]:
    """The run's folder, while no other worker is at the same thing."""
    folder = Path(tempfile.gettempdir()) / f"sarcomere-tests-{_run_number()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _keep(folder: Path, external: str) -> None:
    command = [sys.executable, str(KEEPER), str(folder), str(_run_number())]
    # The output goes to a file: the server would hold a pipe open and this never return.
    with (folder / "keeper.log").open("wb") as output:
        done = subprocess.run(
            [*command, _plain(external)] if external else command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if done.returncode:
        (folder / "server-failed").touch()
        _refuse(folder)


def _refuse(folder: Path) -> None:
    raise RuntimeError(
        "PostgreSQL for the tests did not start; mend that, or set SARCOMERE_TEST_PG to a "
        f"superuser's URL.\n{(folder / 'keeper.log').read_text(errors='replace')}"
    )


def _embedded(folder: Path) -> str:
    return f"postgresql://postgres@/postgres?host={folder / 'server'}"


def _make_roles(url: str) -> None:
    for role in (OWNER, APPLICATION):
        _administer(
            url,
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        )


def _create(database: str, source: str) -> Urls:
    _administer(server(), f'CREATE DATABASE "{database}" OWNER {OWNER} TEMPLATE "{source}"')
    return Urls(owner=_url(OWNER, database), application=_url(APPLICATION, database))


def _url(role: str, database: str) -> str:
    url = sa.make_url(server()).set(username=role, password=PASSWORD, database=database)
    return url.render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(statement.encode())


def _plain(url: str) -> str:
    """The URL as psycopg itself takes it."""
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _with_driver(url: str) -> str:
    """The URL as SQLAlchemy takes it."""
    return (
        sa.make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    )
