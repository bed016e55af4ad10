"""Migrations read as one numbered history, and end where the tables of the code are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from capture.accounts.tables import session
from capture.db import Database
from capture.entry.tables import draft
from capture.migrate import migrate
from capture.tables import metadata
from tests import postgres
from tests.house import tree


def history() -> list[Script]:
    """The migrations, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(tree.ROOT / "migrations"))
    return list(ScriptDirectory.from_config(config).walk_revisions())[::-1]


def test_migrations_are_numbered_in_order_without_branches() -> None:
    scripts = history()

    assert [script.revision for script in scripts] == [
        f"{n:04d}" for n in range(1, len(scripts) + 1)
    ]
    assert [script.down_revision for script in scripts] == [
        None,
        *(script.revision for script in scripts[:-1]),
    ]


def test_migration_files_carry_their_number_and_purpose() -> None:
    for script in history():
        assert re.fullmatch(rf"{script.revision}_[a-z0-9_]+\.py", Path(script.path).name), (
            script.path
        )


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = (
        f"sqlite:///{tmp_path / 'empty.sqlite'}"
        if request.param == "sqlite"
        else postgres.new_database().owner
    )
    database = Database(url)
    migrate(database)
    yield database
    database.engine.dispose()


def test_migrations_lead_from_nothing_to_the_tables_of_the_code(migrated: Database) -> None:
    with migrated.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
        tables = set(sa.inspect(connection).get_table_names())

    assert differences == []
    assert tables == {*metadata.tables, "alembic_version"}


def test_migrating_twice_changes_nothing(migrated: Database) -> None:
    migrate(migrated)

    with migrated.engine.connect() as connection:
        version = (
            connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
        )
    assert version == [history()[-1].revision]


def test_drafts_and_sessions_are_carried_over(migrated: Database, tmp_path: Path) -> None:
    """From the first release on: what somebody had typed is there, and nobody is locked out."""
    name = "older.sqlite"
    url = f"sqlite:///{tmp_path / name}" if migrated.is_sqlite else postgres.new_database().owner
    older = Database(url)
    typed = {"typed": {"weight_kg": ["70"]}, "refused": False}
    with older.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(tree.ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(draft.insert().values(**_draft("nora"), content=typed))
        connection.execute(session.insert().values(**_SESSION))
    migrate(older)

    with older.writing() as connection:
        connection.execute(draft.insert().values(**_draft("cole"), content=typed))
        owners = connection.execute(sa.select(draft.c.owner, draft.c.content)).all()
        locked = connection.execute(sa.select(session.c.locked_at)).scalars().all()
    older.engine.dispose()
    assert sorted(owners) == [("cole", typed), ("nora", typed)]
    assert locked == [None]


def _draft(owner: str) -> dict[str, Any]:
    words = ("study", "participant", "site", "visit_slug", "instrument", "saved_at")
    numbers = ("occurrence", "instance", "entry_version")
    return {
        "id": owner,
        "owner": owner,
        **dict.fromkeys(words, "a word"),
        **dict.fromkeys(numbers, 1),
    }


_SESSION = {
    **dict.fromkeys(
        ("token_hash", "user", "created_at", "last_seen", "expires_at", "address", "agent"),
        "a word",
    ),
    "data": {},
}
