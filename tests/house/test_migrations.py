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
from capture.entry.tables import draft, entry, struck
from capture.ledger.tables import counter
from capture.migrate import migrate
from capture.participants.tables import participant
from capture.tables import metadata
from tests.house import tree
from tests.support import postgres


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


def older_database(migrated: Database, folder: Path, revision: str) -> Database:
    """A new database of the same kind, migrated only so far."""
    url = (
        f"sqlite:///{folder / 'older.sqlite'}"
        if migrated.is_sqlite
        else postgres.new_database().owner
    )
    older = Database(url)
    with older.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(tree.ROOT / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return older


def test_drafts_and_sessions_are_carried_over(migrated: Database, tmp_path: Path) -> None:
    """From the first release on: what somebody had typed is there, and nobody is locked out."""
    older = older_database(migrated, tmp_path, "0002")
    typed = {"typed": {"weight_kg": ["70"]}, "refused": False}
    with older.writing() as connection:
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


def test_forms_and_cohorts_are_counted_anew_by_visit_and_month(
    migrated: Database, tmp_path: Path
) -> None:
    older = older_database(migrated, tmp_path, "0006")
    kept = {"entry": [{"id": "e3", "doc": {"sex": {"v": "female"}}}], "query": []}
    with older.writing() as connection:
        for number, slug in (("e1", "baseline"), ("e2", "unscheduled")):
            key = {"id": number, "participant": "p1", "visit_slug": slug, "instrument": "vitals"}
            connection.execute(entry.insert().values(_row(entry, **key, status="complete")))
        person = {"cohort": "transfer", "status": "enrolled", "enrolled_on": "2026-03-02"}
        connection.execute(participant.insert().values(_row(participant, id="p1", **person)))
        connection.execute(struck.insert().values(_row(struck, id="s1", kept=kept)))
        for name in ("entry.vitals.complete", "cohort.transfer", "visit.baseline.complete"):
            values = {"study": "a word", "site": "a word", "name": name, "n": 2}
            connection.execute(counter.insert().values(values))
    migrate(older)

    with older.writing() as connection:
        counted = connection.execute(sa.select(counter.c.name, counter.c.n)).all()
        late = connection.execute(sa.select(entry.c.days_late)).scalars().all()
        after = connection.execute(sa.select(struck.c.kept)).scalar_one()
    older.engine.dispose()
    assert sorted(map(tuple, counted)) == [
        ("cohort.transfer.2026-03", 1),
        ("entry.vitals.baseline.complete", 1),
        ("entry.vitals.unscheduled.complete", 1),
        ("visit.baseline.complete", 2),
    ]
    assert late == [None, None]
    assert after["entry"] == [{**kept["entry"][0], "days_late": None}]


NEW_IN_0007 = {"days_late"}


def _row(table: sa.Table, **known: Any) -> dict[str, Any]:
    """A row of a table as it was before migration 0007: something of its kind in each column."""
    some = {sa.Integer: 1, sa.Text: "a word"}
    found = {
        column.name: next((one for kind, one in some.items() if isinstance(column.type, kind)), {})
        for column in table.c
        if column.name not in NEW_IN_0007
    }
    return {**found, **known}


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
