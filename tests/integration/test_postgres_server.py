"""The tests' own PostgreSQL: what the other tests take for granted about it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors

from tests.support import postgres, postgres_reuse

ROOT = Path(__file__).resolve().parents[2]


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def prepare(urls: postgres.Urls) -> None:
    with connect(urls.owner) as connection:
        connection.execute("CREATE TABLE thing (name text PRIMARY KEY)")
        connection.execute(f"GRANT SELECT, INSERT ON thing TO {postgres.APPLICATION}".encode())
        connection.execute("INSERT INTO thing VALUES ('from the template')")


def test_new_database_is_a_copy_of_its_template_and_shares_nothing() -> None:
    template = postgres.template("thing", prepare)
    first, second = postgres.new_database(template), postgres.new_database(template)
    with connect(first.application) as connection:
        connection.execute("INSERT INTO thing VALUES ('of the first')")
    with connect(second.application) as connection:
        names = connection.execute("SELECT name FROM thing").fetchall()

    assert names == [("from the template",)]


def test_application_role_may_not_change_what_the_owner_did_not_grant() -> None:
    urls = postgres.new_database(postgres.template("thing", prepare))

    with connect(urls.application) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("DELETE FROM thing")


COUNTED = """
CREATE TABLE counted (number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''kept''; END';
CREATE TRIGGER guard BEFORE DELETE OR TRUNCATE ON counted EXECUTE FUNCTION refuse();
ALTER TABLE counted ENABLE ALWAYS TRIGGER guard;
INSERT INTO counted DEFAULT VALUES
"""


def prepare_counted(urls: postgres.Urls) -> None:
    with connect(urls.owner) as connection:
        connection.execute(COUNTED.encode())


def counted(urls: postgres.Urls) -> list[tuple[object, ...]]:
    """What is in the table after one row more."""
    with connect(urls.owner) as connection:
        connection.execute("INSERT INTO counted DEFAULT VALUES")
        return connection.execute("SELECT number FROM counted ORDER BY 1").fetchall()


def test_database_that_is_used_again_is_as_its_template() -> None:
    template = postgres.template("counted", prepare_counted)
    first = postgres_reuse.lend(template)
    assert counted(first) == [(1,), (2,)]
    postgres_reuse.give_back(first)

    again = postgres_reuse.lend(template)

    assert again == first
    assert counted(again) == [(1,), (2,)]
    with connect(again.owner) as connection, pytest.raises(errors.RaiseException, match="kept"):
        connection.execute("DELETE FROM counted")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE counted DISABLE TRIGGER guard",
        "GRANT SELECT ON counted TO PUBLIC",
        "ALTER TABLE counted ADD COLUMN more text",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DROP TABLE counted",
    ],
)
def test_database_that_a_test_changed_is_not_used_again(change: str) -> None:
    urls = postgres_reuse.lend(postgres.template("counted", prepare_counted))
    with connect(urls.owner) as connection:
        connection.execute(change.encode())
    postgres_reuse.give_back(urls)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(urls.owner)


def test_neither_role_is_a_superuser() -> None:
    with connect(postgres.server()) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = ANY(%s)",
            ([postgres.OWNER, postgres.APPLICATION],),
        ).fetchall()

    assert sorted(roles) == [
        (postgres.APPLICATION, False, False),
        (postgres.OWNER, False, False),
    ]


def test_server_and_its_folder_are_gone_after_a_run_that_was_killed() -> None:
    code = (
        "import time; from tests.support import postgres; "
        "print(postgres.server(), flush=True); time.sleep(60)"
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTEST_XDIST_WORKER", "SARCOMERE_TEST_PG")
    }
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        run.kill()
    folder = Path(str(sa.make_url(url).query["host"]))

    assert is_gone_within(folder.parent, seconds=120)


def is_gone_within(folder: Path, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return not folder.exists()
