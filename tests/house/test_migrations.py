"""Migrations read as one numbered history, and end where the tables of the code are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from capture.db import Database
from capture.migrate import migrate
from capture.problems import ConfigurationProblem
from capture.readiness import LINE, newest_revision
from capture.tables import metadata
from tests.house import tree
from tests.support import postgres

NEVER_SORTED = {
    "design_version.concealed_design",
    "design_version.concealed_key",
    "design_version.concealed_r",
    "ledger_body.body",
    "pending_form.content",
}
"""Texts that are only read whole: whatever else is text sorts by code point."""


def history() -> list[Script]:
    """The migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(tree.ROOT / "migrations"))
    return list(ScriptDirectory.from_config(config).walk_revisions())[::-1]


def test_migrations_are_numbered_in_order_without_branches() -> None:
    scripts = history()

    assert [script.revision for script in scripts] == [
        f"{LINE}{n:04d}" for n in range(1, len(scripts) + 1)
    ]
    assert [script.down_revision for script in scripts] == [
        None,
        *(script.revision for script in scripts[:-1]),
    ]
    assert newest_revision() == scripts[-1].revision


def test_migration_files_carry_their_number_and_purpose() -> None:
    for script in history():
        number = script.revision.removeprefix(LINE)
        assert re.fullmatch(rf"{number}_[a-z0-9_]+\.py", Path(script.path).name), script.path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = (
        f"sqlite:///{tmp_path / 'empty.sqlite'}"
        if request.param == "sqlite"
        else postgres.new_database().owner
    )
    database = Database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def migrated(empty: Database) -> Database:
    migrate(empty)
    return empty


def test_migrations_lead_from_nothing_to_the_tables_of_the_code(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        tables = set(sa.inspect(connection).get_table_names())

    assert differences == []
    assert tables == {*metadata.tables, "alembic_version"}


@pytest.mark.parametrize("empty", ["postgresql"], indirect=True)
def test_every_text_sorts_by_code_point_also_where_the_server_has_a_language(
    migrated: Database,
) -> None:
    """SQLite always does; a server whose language is C would not show a column that does not."""
    with migrated.engine.connect() as connection:
        others = set(connection.execute(_SORTED_OTHERWISE).scalars())

    assert others == NEVER_SORTED, "give the column the type Words, in its table and its migration"


_SORTED_OTHERWISE = sa.text(
    "SELECT relname || '.' || attname FROM pg_attribute"
    " JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'"
    " JOIN pg_collation ON pg_collation.oid = attcollation"
    " WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND collname <> 'C'"
    " AND relname <> 'alembic_version' ORDER BY 1"
)


def test_migrating_twice_changes_nothing(migrated: Database) -> None:
    migrate(migrated)

    assert revisions(migrated) == [history()[-1].revision]


@pytest.mark.parametrize("revision", ["0001", "0010"])
def test_a_database_of_the_first_release_is_refused_and_left_as_it_is(
    empty: Database, revision: str
) -> None:
    with empty.writing() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})

    with pytest.raises(ConfigurationProblem, match="made by the first release"):
        migrate(empty)
    with empty.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
    assert (tables, revisions(empty)) == (["alembic_version"], [revision])


def revisions(database: Database) -> list[str]:
    with database.reading() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        return list(found.scalars())
