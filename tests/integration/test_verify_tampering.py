"""Whatever the database's owner changes behind the program's back, verify names the place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import capture.tables
from capture.access import Action, Role
from capture.config import Config
from capture.db import folded_tables
from capture.entry.tables import attached_file, entry
from capture.ledger.canonical import canonical, item_digest
from capture.ledger.service import transaction
from capture.ledger.tables import checkpoint, counter, ledger, ledger_body, seal, unsealed
from capture.oversight import service as oversight
from capture.oversight.tables import redaction
from capture.participants.tables import participant, visit
from capture.randomisation.tables import allocation, list_head, number_head, outbox
from capture.study.tables import study_bundle
from capture.web.request_context import Services
from tests.support import postgres
from tests.support.commands import Prompt
from tests.support.rehearsed import ESIGN, rehearsed_config
from tests.support.tampering import (
    change,
    findings,
    other,
    owner_of,
    remove,
    rewrite,
    rows_of,
    tables_with_rows,
)
from tests.support.trial import GIST, make_actor

SHOWN_BY_WHERE_IT_LIES = {"id", "study", "subject"}
"""A row under another of these is found twice: missing here, unknown there."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rehearsed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Config]:
    config = rehearsed_config(request.param, tmp_path_factory.mktemp("rehearsed"))
    yield config
    _drop(config)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def with_files(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Config]:
    """A study whose people have files attached to their forms."""
    data = tmp_path_factory.mktemp("with-files")
    config = rehearsed_config(request.param, data, plan=ESIGN)
    yield config
    _drop(config)


@pytest.fixture
def owner(rehearsed: Config) -> Iterator[sa.Connection]:
    """The owner at work; nothing of it stays."""
    with owner_of(rehearsed) as connection:
        yield connection


@pytest.fixture
def found(owner: sa.Connection, rehearsed: Config) -> Callable[[], list[str]]:
    return lambda: findings(owner, rehearsed)


@pytest.fixture
def copied(rehearsed: Config, tmp_path: Path) -> Iterator[Config]:
    """The same record in a database of the test's own, for what has to be committed."""
    data = tmp_path / "data"
    shutil.copytree(rehearsed.data, data)
    if rehearsed.is_sqlite:
        yield replace(rehearsed, data=data, database_url=f"sqlite:///{data / 'sarcomere.sqlite'}")
        return
    source = str(sa.make_url(rehearsed.owner_url).database)
    urls = postgres.new_database(source)
    config = replace(rehearsed, data=data, database_url=urls.application, owner_url=urls.owner)
    yield config
    _drop(config)


def _drop(config: Config) -> None:
    if not config.is_sqlite:
        postgres.drop_database(postgres.Urls(config.owner_url, config.database_url))


def middle(connection: sa.Connection, table: sa.Table) -> sa.RowMapping:
    rows = rows_of(connection, table)
    return rows[len(rows) // 2]


def test_untouched_record_agrees(found: Callable[[], list[str]]) -> None:
    assert found() == []


def test_rehearsal_fills_what_the_cases_below_change(owner: sa.Connection) -> None:
    names = {table.name for table in tables_with_rows(owner)}

    assert names >= {
        "account", "allocation", "confirmation", "consent_event", "participant_event", "delegation",
        "design_version", "entry", "membership", "participant", "query", "site", "study_version",
        "visit",
    }  # fmt: skip


@pytest.mark.parametrize("name", [table.name for table in folded_tables()])
def test_any_changed_value_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    table = capture.tables.metadata.tables[name]
    columns = [column.name for column in table.columns]
    unnamed = []
    rows = rows_of(owner, table)
    while rows and columns:
        # One value of each row, as many rows at a time as there are.
        pairs, columns = list(zip(rows, columns, strict=False)), columns[len(rows) :]
        savepoint = owner.begin_nested()
        for row, column in pairs:
            change(owner, table, row, column)
        said = found()
        unnamed += [column for row, column in pairs if not _is_named(said, name, row, column)]
        savepoint.rollback()

    assert unnamed == []


def _is_named(said: list[str], table: str, row: sa.RowMapping, column: str) -> bool:
    return any(
        line.startswith(f"{table} {row['id']}")
        and (column in line or column in SHOWN_BY_WHERE_IT_LIES)
        for line in said
    )


def test_every_single_entry_is_looked_at(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    rows = rows_of(owner, entry)
    for row in rows:
        change(owner, entry, row, "doc")

    said = found()

    assert [line for line in said if line.startswith("entry ")] == [
        f"entry {row['id']}: doc differs from what the ledger says"
        for row in sorted(rows, key=lambda row: (row["subject"], row["id"]))
    ]


def test_true_in_the_place_of_1_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    row = next(row for row in rows_of(owner, allocation))
    whole = entry.update().values(flags={"x": 1})
    first = rows_of(owner, entry)[0]
    owner.execute(whole.where(entry.c.id == first["id"]))
    told = {**row["levels"], "rupture": True}
    owner.execute(allocation.update().where(allocation.c.id == row["id"]).values(levels=told))

    said = found()

    assert f"allocation {row['id']}: levels differs from what the ledger says" in said
    assert f"entry {first['id']}: flags differs from what the ledger says" in said


@pytest.mark.parametrize("name", [column.name for column in ledger.columns])
def test_any_changed_value_of_a_ledger_row_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    row = middle(owner, ledger)

    change(owner, ledger, row, name)

    assert any(row["id"] in line for line in found())


def test_every_single_ledger_row_is_looked_at(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    ids = {row["id"] for row in rows_of(owner, ledger)}
    owner.execute(ledger.update().values(reason=ledger.c.reason + " "))

    changed = [line for line in found() if line.endswith(": the row was changed")]

    assert {line.split()[2] for line in changed} == ids


def _value(body: dict[str, Any], name: str) -> None:
    salt, old, new = body[name]
    body[name] = [salt, old, f"{new}0"]


def _old_value(body: dict[str, Any], name: str) -> None:
    salt, _old, new = body[name]
    body[name] = [salt, "something", new]


def _salt(body: dict[str, Any], name: str) -> None:
    _salt, old, new = body[name]
    body[name] = ["00" * 16, old, new]


def _taken_out(body: dict[str, Any], name: str) -> None:
    del body[name]


def _redacted_alone(body: dict[str, Any], name: str) -> None:
    body[name] = {"redacted": item_digest(name, body[name])}


SIDE_ROW = [_value, _old_value, _salt, _taken_out, _redacted_alone]


@pytest.mark.parametrize("way", SIDE_ROW, ids=lambda way: way.__name__.strip("_"))
def test_any_changed_side_row_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], way: Callable[..., None]
) -> None:
    row = _save(owner)
    body = json.loads(row.body)

    way(body, next(name for name in body if name.startswith("item:")))
    _write_body(owner, row.id, canonical(body).decode())

    assert any(line.startswith(f"ledger row {row.id}") for line in found())


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "no JSON", '{"a":[1.5]}', '{"a":1}'])
def test_any_side_row_made_into_something_else_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], text: str
) -> None:
    row = _save(owner)

    _write_body(owner, row.id, text)

    assert any(line.startswith(f"ledger row {row.id}") for line in found())


def test_side_row_written_another_way_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    row = _save(owner)

    _write_body(owner, row.id, row.body.replace('":[', '": ['))

    assert any(line.startswith(f"ledger row {row.id}") for line in found())


def _save(connection: sa.Connection) -> Any:
    """A save of a form from the middle of the study, with its body."""
    statement = (
        sa.select(ledger.c.id, ledger_body.c.body)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .where(ledger.c.action == Action.ENTRY_SAVE.value, ledger.c.study == GIST)
        .order_by(ledger.c.id)
    )
    rows = connection.execute(statement).all()
    return rows[len(rows) // 2]


def _write_body(connection: sa.Connection, ledger_id: str, text: str) -> None:
    connection.execute(
        ledger_body.update().where(ledger_body.c.ledger_id == ledger_id).values(body=text)
    )


@pytest.mark.parametrize("name", [column.name for column in seal.columns])
def test_any_changed_value_of_a_seal_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    row = middle(owner, seal)

    change(owner, seal, row, name)

    assert any(f"position {row['position']}" in line for line in found())


@pytest.mark.parametrize("name", [column.name for column in checkpoint.columns])
def test_any_changed_value_of_a_checkpoint_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    row = rows_of(owner, checkpoint)[0]

    change(owner, checkpoint, row, name)

    assert any(line.startswith(f"checkpoint {row['study']}") for line in found())


@pytest.mark.parametrize("name", [column.name for column in counter.columns])
def test_any_changed_value_of_a_counter_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    row = middle(owner, counter)

    change(owner, counter, row, name)

    place = f"counter {row['study']} {row['site']} {row['name']}: "
    assert any(line.startswith(place) for line in found())


@pytest.mark.parametrize("table", [list_head, number_head], ids=lambda table: table.name)
def test_a_changed_head_of_a_list_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], table: sa.Table
) -> None:
    change(owner, table, middle(owner, table), list(table.columns.keys())[-1])

    words = table.name.replace("_", " ")
    assert any(line.startswith(f"{words} {GIST}/duration") for line in found())


@pytest.mark.parametrize(
    "name", ["arm", "number", "levels", "participant", "at", "by", "place", "study"]
)
def test_a_changed_receipt_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], name: str
) -> None:
    row = middle(owner, outbox)
    content = row["content"]
    changed = {**content, name: other(allocation, "arm", None) if name != "number" else 0}
    owner.execute(outbox.update().where(outbox.c.id == row["id"]).values(content=changed))

    assert any(f"receipt {row['id']}: " in line for line in found())


def test_two_receipts_changed_for_each_other_and_one_removed_are_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    first, second, third = rows_of(owner, outbox)[:3]
    for row, with_ in ((first, second), (second, first)):
        told = {**row["content"], "arm": with_["content"]["arm"], "place": "0"}
        owner.execute(outbox.update().where(outbox.c.id == row["id"]).values(content=told))
    remove(owner, outbox, third)

    said = "\n".join(found())

    assert f"receipt {first['id']}: " in said
    assert f"receipt {second['id']}: " in said
    assert ": its receipt is missing" in said


def test_changed_definition_of_a_study_version_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    owner.execute(study_bundle.update().values(bytes=b"something else"))

    assert found() == [f"study version {GIST} 1: its definition was changed"]


REMOVABLE = (ledger, ledger_body, seal, *folded_tables())


def test_any_changed_value_of_an_attached_file_is_named(with_files: Config) -> None:
    unnamed = []
    with owner_of(with_files) as connection:
        row = middle(connection, attached_file)
        mine = attached_file.c.id == row["id"]
        for column in attached_file.columns:
            changed = other(attached_file, column.name, row[column.name])
            for value in (changed, None) if column.nullable else (changed,):
                savepoint = connection.begin_nested()
                connection.execute(attached_file.update().where(mine).values({column.name: value}))
                said = findings(connection, with_files)
                if not _is_named(said, "attached_file", row, column.name):
                    unnamed.append((column.name, value))
                savepoint.rollback()

    assert unnamed == []


def test_an_attached_file_emptied_moved_removed_or_added_is_named(with_files: Config) -> None:
    with owner_of(with_files) as connection:
        row = middle(connection, attached_file)
        mine = attached_file.c.id == row["id"]
        empty = {"sha256": None, "size": None, "bytes": None}
        cases: list[sa.sql.dml.UpdateBase] = [
            attached_file.update().where(mine).values(empty),
            attached_file.update().where(mine).values(study="another"),
            attached_file.delete().where(mine),
            attached_file.insert().values({**row, "id": f"{row['id']}0", "item": "ed_notes"}),
        ]
        said = [findings(connection, with_files)]
        for statement in cases:
            savepoint = connection.begin_nested()
            connection.execute(statement)
            said.append(findings(connection, with_files))
            savepoint.rollback()

    place = f"attached_file {row['id']}"
    missing = f"{place}: the ledger has it, the table does not"
    assert said == [
        [],
        [f"{place}: sha256, size, bytes differs from what the ledger says"],
        [missing],
        [missing],
        [f"{place}0: it has no ledger row"],
    ]


@pytest.mark.parametrize(
    "verb", ["DELETE FROM attached_file", "UPDATE attached_file SET item = 'other'"]
)
def test_the_database_itself_keeps_attached_files(with_files: Config, verb: str) -> None:
    services = Services.of(with_files)
    with (
        pytest.raises(sa.exc.DBAPIError, match=r"permission denied|append-only|only changes by"),
        services.database.writing() as connection,
    ):
        connection.exec_driver_sql(verb)
    services.database.engine.dispose()


@pytest.mark.parametrize("table", REMOVABLE, ids=lambda table: table.name)
def test_any_removed_row_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], table: sa.Table
) -> None:
    rows = rows_of(owner, table)
    if not rows:
        _add(owner, table)
        assert any(f"{table.name} made-up: it has no ledger row" in line for line in found())
        return
    row = rows[len(rows) // 2]
    remove(owner, table, row)

    name = row.get("id") or row["ledger_id"]
    assert any(name in line for line in found())


def _add(connection: sa.Connection, table: sa.Table) -> None:
    """A row that no ledger row speaks of, for the tables that a rehearsal leaves empty."""
    made_up = {
        column.name: other(table, column.name, None)
        for column in table.columns
        if not column.nullable
    }
    connection.execute(table.insert().values({**made_up, "id": "made-up", "study": GIST}))


def test_the_last_seal_removed_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    last = rows_of(owner, seal)[-1]
    remove(owner, seal, last)

    assert any(last["ledger_id"] in line for line in found())


def test_a_row_that_waits_twice_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    last = rows_of(owner, seal)[-1]
    remove(owner, seal, last)
    owner.execute(checkpoint.delete().where(checkpoint.c.study == last["study"]))
    twice = {"ledger_id": last["ledger_id"], "study": last["study"]}
    owner.execute(unsealed.insert(), [twice, twice])

    (said,) = found()

    assert said.startswith("waiting row ")
    assert f"its ledger row {last['ledger_id']} waits already" in said


def test_a_side_row_without_ledger_row_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    owner.execute(ledger_body.insert().values(ledger_id="of nobody", body="{}"))

    assert found() == ["side row of nobody: its ledger row is missing"]


def test_a_study_whose_ledger_is_gone_is_named(
    owner: sa.Connection, found: Callable[[], list[str]]
) -> None:
    for table in (seal, ledger, checkpoint):
        owner.execute(table.delete().where(table.c.study == GIST))

    assert any(line.startswith("participant ") for line in found())


# --- what is no value at all, which only SQLite stores --------------------------------------------


@pytest.mark.parametrize("rehearsed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken", ["'{'", "x'ff00'", "'a' || char(0) || 'b'"])
def test_a_document_that_cannot_be_read_is_named(
    owner: sa.Connection, found: Callable[[], list[str]], broken: str
) -> None:
    row = middle(owner, entry)
    owner.execute(entry.update().where(entry.c.id == row["id"]).values(doc=sa.text(broken)))

    assert f"entry {row['id']}: what is stored cannot be read" in found()


@pytest.mark.parametrize("rehearsed", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken", ["x'ff00'", "'a' || char(0) || 'b'", "CAST(x'ff' AS TEXT)"])
@pytest.mark.parametrize(
    "column",
    [ledger.c.reason, seal.c.sealed_at, entry.c.reason, checkpoint.c.root],
    ids=lambda column: column.table.name,
)
def test_whatever_is_stored_verify_ends_with_words(
    owner: sa.Connection,
    found: Callable[[], list[str]],
    column: sa.Column[str],
    broken: str,
) -> None:
    owner.execute(column.table.update().values({column.name: sa.text(broken)}))

    assert found() != []


# --- a whole trial --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("people", [30, pytest.param(500, marks=pytest.mark.long)])
def test_a_whole_trial_agrees_and_every_kind_of_change_is_named(
    tmp_path: Path, people: int
) -> None:
    config = rehearsed_config("sqlite", tmp_path / "whole", participants=people)
    untouched = Prompt(config)("verify")

    with owner_of(config) as owner:
        state = [entry, visit, participant, allocation, counter]
        places = [_changed_place(owner, table) for table in state]
        said_of_state = "\n".join(findings(owner, config))
        # The tables are compared with the ledger only where the ledger agrees with itself.
        ledgers = [_changed_place(owner, table) for table in (ledger, seal, checkpoint)]
        removed = [_removed_place(owner, table, 0.2) for table in (ledger, ledger_body)]
        said_of_ledger = "\n".join(findings(owner, config))

    assert untouched.exit_code == 0, untouched.output
    assert [place for place in places if place not in said_of_state] == []
    assert [place for place in [*ledgers, *removed] if place not in said_of_ledger] == []


def _changed_place(owner: sa.Connection, table: sa.Table) -> str:
    """Change the last column of a row from the middle, and say how its place is named."""
    row = middle(owner, table)
    change(owner, table, row, list(table.columns.keys())[-1])
    names = {
        "seal": lambda: f"position {row['position']}",
        "checkpoint": lambda: f"checkpoint {row['study']} of {row['size']} rows",
        "counter": lambda: f"counter {row['study']} {row['site']} {row['name']}",
    }
    return names[table.name]() if table.name in names else str(row["id"])


def _removed_place(owner: sa.Connection, table: sa.Table, share: float) -> str:
    rows = rows_of(owner, table)
    row = rows[int(len(rows) * share)]
    remove(owner, table, row)
    return str(row.get("id") or row["ledger_id"])


# --- the command ----------------------------------------------------------------------------------


def test_command_passes_a_record_that_agrees(rehearsed: Config) -> None:
    files = sorted((rehearsed.data / "checkpoints").glob("*.jsonl"))

    result = Prompt(rehearsed)("verify", "--against", *files)

    assert result.exit_code == 0, result.output
    assert f"{GIST}: " in result.output
    assert " 0 waiting to be sealed, 0 redacted, 1 checkpoints held outside" in result.output
    assert "system: " in result.output
    assert result.output.endswith("Everything agrees.\n")


@pytest.mark.parametrize("table", [entry, ledger, counter], ids=lambda table: table.name)
def test_command_exits_1_and_names_the_place(copied: Config, table: sa.Table) -> None:
    with owner_of(copied, keep=True) as connection:
        row = middle(connection, table)
        change(connection, table, row, list(table.columns.keys())[-1])

    result = Prompt(copied)("verify")

    assert result.exit_code == 1
    assert "does not agree: " in result.output
    assert (row.get("id") or row["name"]) in result.output


def test_resealed_and_signed_again_is_found_with_what_was_held_outside(copied: Config) -> None:
    outside = copied.data / "checkpoints" / f"{GIST}.jsonl"
    with owner_of(copied, keep=True) as connection:
        save = _save(connection)
        item = next(name for name in json.loads(save.body) if name.startswith("item:"))
        rewrite(connection, copied, save.id, item)

    inside = Prompt(copied)("verify")
    against = Prompt(copied)("verify", GIST, "--against", outside)

    assert inside.exit_code == 0, inside.output
    assert against.exit_code == 1
    assert f"outside checkpoint {GIST} of" in against.output
    assert "the sealed rows up to it are not the ones it was signed for" in against.output


def test_checkpoint_of_another_key_is_named(copied: Config) -> None:
    with owner_of(copied, keep=True) as connection:
        save = _save(connection)
        item = next(name for name in json.loads(save.body) if name.startswith("item:"))
        rewrite(connection, replace(copied, checkpoint_key=b"\x07" * 32), save.id, item)

    result = Prompt(copied)("verify")

    assert result.exit_code == 1
    assert "it is signed with a key that is not this installation's" in result.output


def test_redaction_by_two_people_passes_and_is_listed(copied: Config) -> None:
    services = Services.of(copied)
    with owner_of(copied) as connection:
        row, item = _identifying(connection)
    redact(services, row, item)
    services.database.engine.dispose()

    result = Prompt(copied)("verify", GIST)

    assert result.exit_code == 0, result.output
    assert f"): item:{item}" in result.output
    assert " 0 redacted" not in result.output


def test_a_redacted_value_put_back_is_named(copied: Config) -> None:
    services = Services.of(copied)
    with owner_of(copied) as connection:
        row, item = _identifying(connection)
        before = {body["ledger_id"]: body["body"] for body in rows_of(connection, ledger_body)}
    redact(services, row, item)
    services.database.engine.dispose()

    with owner_of(copied) as connection:
        places = rows_of(connection, redaction)[0]["places"]
        connection.execute(entry.update().where(entry.c.id == row["id"]).values(doc=row["doc"]))
        for ledger_id, _names in places:
            _write_body(connection, ledger_id, before[ledger_id])
        said = findings(connection, copied)

    assert said == [
        f"ledger row {ledger_id}: item:{item} was redacted on record, and is there again"
        for ledger_id, _names in sorted(places)
    ]


def _identifying(connection: sa.Connection) -> tuple[sa.RowMapping, str]:
    """A birth date, and the entry that holds it."""
    rows = rows_of(connection, entry)
    return next((row, "birth_date") for row in rows if "birth_date" in row["doc"])


def redact(services: Services, row: sa.RowMapping, item: str) -> None:
    first, second = make_actor(Role.DATA_MANAGER), make_actor(Role.TRIAL_MANAGER)
    with transaction(services.database, first, services.concealment) as tx:
        asked = oversight.ask_redaction(
            tx, GIST, row["participant"], entry=row["id"], item=item, reason="Not needed"
        )
    with transaction(services.database, second, services.concealment) as tx:
        oversight.redact(tx, GIST, asked)


@pytest.mark.parametrize(
    "words, said",
    [
        (["nowhere"], "There is no study nowhere in this database"),
        (["--against", "missing.jsonl"], "does not exist"),
    ],
)
def test_command_says_what_it_cannot_check(rehearsed: Config, words: list[str], said: str) -> None:
    result = Prompt(rehearsed)("verify", *words)

    assert result.exit_code != 0
    assert said in result.output


def test_a_database_without_tables_is_told_in_words(rehearsed: Config, tmp_path: Path) -> None:
    empty = replace(rehearsed, data=tmp_path, database_url=f"sqlite:///{tmp_path}/sarcomere.sqlite")

    result = Prompt(empty)("verify")

    assert result.exit_code == 1
    assert "Run `sarcomere migrate`" in result.output


def test_files_without_the_study_are_refused(rehearsed: Config, tmp_path: Path) -> None:
    empty, wrong = tmp_path / "empty.jsonl", tmp_path / "wrong.jsonl"
    empty.write_text("\n")
    wrong.write_text('{"study": "other"}\n')
    system = rehearsed.data / "checkpoints" / "system.jsonl"
    prompt = Prompt(rehearsed)

    assert (
        "empty.jsonl: there is no checkpoint in it" in prompt("verify", "--against", empty).output
    )
    assert "wrong.jsonl:1: this is not a checkpoint" in prompt("verify", "--against", wrong).output
    assert f"no file holds a checkpoint of {GIST}" in (
        prompt("verify", GIST, "--against", system).output
    )


def test_seal_signs_once_what_is_new(copied: Config) -> None:
    services = Services.of(copied)
    with owner_of(copied) as connection:
        row, item = _identifying(connection)
    redact(services, row, item)
    services.database.engine.dispose()
    prompt = Prompt(copied)

    assert f"{GIST}: " in prompt("seal").output
    assert prompt("seal").output == "Nothing is new since the last checkpoint.\n"
    files = sorted((copied.data / "checkpoints").glob("*.jsonl"))
    assert prompt("verify", "--against", *files).exit_code == 0
