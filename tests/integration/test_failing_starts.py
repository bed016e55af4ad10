"""A start that fails says so in one line, in every command and under every server."""

from __future__ import annotations

import _strptime  # noqa: F401  (what a command loads late, only the superuser may read here)
import encodings.utf_8_sig  # noqa: F401
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import capture.tables  # noqa: F401
from capture.cli import main
from capture.config import Config
from capture.db import Database
from capture.web.request_context import EXTENSION
from tests.house import tree
from tests.support.builders import make_config
from tests.support.commands import environment

Environment = dict[str, str | None]
NOBODY = 65_534
NEEDS_NOTHING = {"study check"}
"""Commands that work without an installation."""
MAKES_THE_DATABASE = {"migrate", "restore"}
"""Commands that a missing, empty or old database is no failure for."""
OWN_WORDS = {"restore"}
"""Commands that may first say what is wrong with the folder they are given."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its whole name, as the tree of groups has them."""

    def below(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            if isinstance(command, click.Group):
                yield from below(command, (*path, name))
            else:
                yield " ".join((*path, name)), command

    yield from below(main, ())


COMMANDS = dict(commands())


def words_for(parameter: click.Parameter, folder: Path) -> str:
    """A value that a required parameter takes."""
    kind = parameter.type
    if isinstance(kind, click.Choice):
        return str(kind.choices[0])
    if isinstance(kind, click.IntRange | click.types.IntParamType):
        return "1"
    if isinstance(kind, click.DateTime):
        return "2026-01-01"
    if isinstance(kind, click.Path):
        return str(path_for(kind, folder))
    return {"scenarios": "0.1,0.2", "formats": "csv"}.get(str(parameter.name), "gist-imatinib/x")


def path_for(kind: click.Path, folder: Path) -> Path:
    if kind.exists:
        return folder if kind.dir_okay else tree.ROOT / "README.md"
    return folder / "new"


def line_of(name: str, folder: Path) -> list[str]:
    """The command as somebody types it, with all that it requires."""
    typed = name.split()
    if name == "study publish":
        return [*typed, str(tree.ROOT / "tests" / "studies" / "esign-demo")]
    for parameter in COMMANDS[name].params:
        if parameter.required:
            option = [parameter.opts[-1]] if isinstance(parameter, click.Option) else []
            typed += [*option, words_for(parameter, folder)]
    return typed


def no_key(config: Config) -> Environment:
    return {**environment(config), "SARCOMERE_SECRET_KEY": None}


def unreadable_key_file(config: Config) -> Environment:
    missing = str(config.data / "no such key")
    return {**no_key(config), "SARCOMERE_SECRET_KEY_FILE": missing}


def malformed_key(config: Config) -> Environment:
    return {**environment(config), "SARCOMERE_CONCEALMENT_KEY": "short"}


def no_database(config: Config) -> Environment:
    (config.data / "sarcomere.sqlite").unlink()
    return environment(config)


def no_folder(config: Config) -> Environment:
    return {**environment(config), "SARCOMERE_DATA": str(config.data / "not" / "there")}


def empty_database(config: Config) -> Environment:
    (config.data / "sarcomere.sqlite").write_bytes(b"")
    return environment(config)


def older_database(config: Config) -> Environment:
    return _at_migration(config, "r2_0000")


def later_database(config: Config) -> Environment:
    return _at_migration(config, "r2_9999")


def database_of_first_release(config: Config) -> Environment:
    return _at_migration(config, "0010")


def _at_migration(config: Config, revision: str) -> Environment:
    database = Database(config.database_url)
    with database.writing() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :to"), {"to": revision}
        )
    database.engine.dispose()
    return environment(config)


def no_sqlite_file(config: Config) -> Environment:
    (config.data / "sarcomere.sqlite").write_bytes(b"This is no database at all.\n" * 100)
    return environment(config)


def file_as_folder(config: Config) -> Environment:
    file = config.data / "a file"
    file.touch()
    return {**environment(config), "SARCOMERE_DATA": str(file)}


def unreachable_database(config: Config) -> Environment:
    return _database(config, "postgresql://sarcomere:hush@127.0.0.1:1/sarcomere")


def unknown_engine(config: Config) -> Environment:
    return _database(config, "mysql://sarcomere:hush@127.0.0.1/sarcomere")


def no_address(config: Config) -> Environment:
    return _database(config, "postgresql://sarcomere:hush@127.0.0.1:port/sarcomere")


def _database(config: Config, url: str) -> Environment:
    return {**environment(config), "SARCOMERE_DATABASE_URL": url, "SARCOMERE_OWNER_URL": url}


def demonstration_with_database(config: Config) -> Environment:
    return {**unreachable_database(config), "SARCOMERE_DEMO": "1"}


OF_SETTINGS: Mapping[Callable[[Config], Environment], str] = {
    no_key: "SARCOMERE_SECRET_KEY is not set.",
    unreadable_key_file: "SARCOMERE_SECRET_KEY_FILE cannot be read: ",
    malformed_key: "SARCOMERE_CONCEALMENT_KEY must be 64 hexadecimal characters.",
    file_as_folder: "cannot be written to.",
    unreachable_database: "The database cannot be used: connection failed: ",
    unknown_engine: "SARCOMERE_DATABASE_URL must be a database's address such as postgresql://",
    no_address: "SARCOMERE_DATABASE_URL must be a database's address such as postgresql://",
    demonstration_with_database: "SARCOMERE_DEMO is set together with SARCOMERE_DATABASE_URL.",
    no_sqlite_file: "The database cannot be used: file is not a database",
}
OF_DATABASES: Mapping[Callable[[Config], Environment], str] = {
    no_database: "Run `sarcomere migrate` first",
    no_folder: "Run `sarcomere migrate` first",
    empty_database: "The database does not belong to this release yet. Run `sarcomere migrate`",
    older_database: "The database does not belong to this release yet. Run `sarcomere migrate`",
    later_database: "The database belongs to a later release: its migration is r2_9999",
    database_of_first_release: "The database was made by the first release (0.1), and this release",
}
EVERYWHERE = {**OF_SETTINGS, **OF_DATABASES}
MAY_BE_OLDER = {"backup"}
"""A backup is what people take before they migrate."""


@pytest.fixture
def installation(migrated_file: Path, tmp_path: Path) -> Config:
    """An installation in a folder of its own, on the engine that needs no server."""
    data = tmp_path / "var"
    data.mkdir()
    shutil.copy(migrated_file, data / "sarcomere.sqlite")
    return make_config(data=data)


def refusal(name: str, environ: Environment, folder: Path) -> str:
    """The one line that the command ends with."""
    run = CliRunner().invoke(main, line_of(name, folder), env=environ)
    assert isinstance(run.exception, SystemExit), (name, run.exception)
    assert (run.exit_code, run.stdout) == (1, ""), (name, run.output)
    assert run.stderr.startswith("Error: "), name
    assert run.stderr.count("\n") == 1, (name, run.stderr)
    assert "hush" not in run.stderr, "an address holds a password"
    return run.stderr


@pytest.mark.parametrize("failure", OF_SETTINGS, ids=lambda failure: failure.__name__)
def test_every_command_says_in_one_line_what_the_settings_lack(
    failure: Callable[[Config], Environment], installation: Config, tmp_path: Path
) -> None:
    environ = failure(installation)
    for name in COMMANDS.keys() - NEEDS_NOTHING:
        said = refusal(name, environ, tmp_path)

        assert name in OWN_WORDS or OF_SETTINGS[failure] in said, name


@pytest.mark.parametrize("failure", OF_DATABASES, ids=lambda failure: failure.__name__)
def test_every_command_says_in_one_line_what_the_database_lacks(
    failure: Callable[[Config], Environment], installation: Config, tmp_path: Path
) -> None:
    environ = failure(installation)
    may_work = NEEDS_NOTHING | MAKES_THE_DATABASE
    may_work |= MAY_BE_OLDER if failure is older_database else set()
    for name in COMMANDS.keys() - may_work:
        assert OF_DATABASES[failure] in refusal(name, environ, tmp_path), name

    assert not (installation.data / "not").exists(), "a failed start leaves nothing behind"


def test_every_command_refuses_a_folder_that_only_others_may_write_to(
    installation: Config, tmp_path: Path
) -> None:
    installation.data.chmod(0o555)
    for name in sorted(COMMANDS.keys() - NEEDS_NOTHING - OWN_WORDS):
        with as_nobody(installation.data):
            said = refusal(name, environment(installation), tmp_path)

        assert "cannot be written to" in said or "cannot be used" in said, name


@contextmanager
def as_nobody(folder: Path) -> Iterator[None]:
    """Give up the rights of the superuser for a while, who may write everywhere."""
    if os.getuid():
        yield
        return
    for above in (folder, *folder.parents[:4]):
        above.chmod(above.stat().st_mode | 0o555)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_every_command_refuses_the_owner_as_the_application(config: Config, tmp_path: Path) -> None:
    environ = environment(replace(config, database_url=config.owner_url))
    for name in COMMANDS.keys() - NEEDS_NOTHING - MAKES_THE_DATABASE:
        said = refusal(name, environ, tmp_path)

        assert "SARCOMERE_DATABASE_URL names a role that owns the ledger" in said, name


@pytest.mark.parametrize("failure", EVERYWHERE, ids=lambda failure: failure.__name__)
def test_the_entry_for_servers_ends_in_one_line(
    failure: Callable[[Config], Environment],
    installation: Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in failure(installation).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(tree.ROOT / "wsgi.py"))

    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    assert EVERYWHERE[failure] in said


def test_the_entry_for_servers_serves_a_demonstration_that_is_built(
    installation: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment(installation):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SARCOMERE_DATA", str(installation.data))
    monkeypatch.setenv("SARCOMERE_DEMO", "1")

    app = runpy.run_path(str(tree.ROOT / "wsgi.py"))["app"]

    assert app.test_client().get("/healthz").status_code == 200
    app.extensions[EXTENSION].database.engine.dispose()


SERVERS = {
    "flask": (["flask", "--app", "wsgi", "run", "--port", "0"], 1),
    # gunicorn's own status for a worker that need not be started again, and its own lines.
    "gunicorn": (["gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "wsgi:app"], 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("server", SERVERS)
def test_a_demonstration_that_is_not_there_ends_the_server(server: str, tmp_path: Path) -> None:
    words, status = SERVERS[server]
    environ = {name: v for name, v in os.environ.items() if not name.startswith("SARCOMERE_")}
    environ |= {"SARCOMERE_DATA": str(tmp_path / "var"), "SARCOMERE_DEMO": "1"}
    run = subprocess.run(
        [sys.executable, "-m", *words],
        env=environ,
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == status, run.stderr
    assert run.stderr.count("Error: There is no database in ") == 1
    assert "sarcomere serve --demonstration" in run.stderr
    assert "Traceback" not in run.stderr
