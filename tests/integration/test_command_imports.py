"""A command loads what it uses: the help loads nothing, a small command no web and no numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from capture.cli import main
from capture.config import Config
from capture.lazy_group import LazyGroup
from tests.house import tree
from tests.support.commands import environment

WEB = {"flask", "gunicorn", "jinja2", "werkzeug"}
NUMBERS = {"numpy", "pyarrow"}
DEFINITIONS = {"lark", "pydantic", "ruamel.yaml", "wtforms"}
EVERYTHING = WEB | NUMBERS | DEFINITIONS | {"alembic", "psycopg", "sqlalchemy"}
RUN = """
import sys
from capture.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def loaded(words: str, config: Config | None = None) -> set[str]:
    """The modules that a process has loaded once it ran the command."""
    environ = {name: value for name, value in os.environ.items() if "SARCOMERE" not in name}
    if config:
        environ |= {name: value for name, value in environment(config).items() if value}
    run = subprocess.run(
        [sys.executable, "-c", RUN, *words.split()],
        env=environ,
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stderr.split())


def groups() -> Iterator[LazyGroup]:
    waiting: list[click.Command] = [main]
    while waiting:
        command = waiting.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            found = [command.get_command(context, name) for name in command.list_commands(context)]
            waiting += [each for each in found if each is not None]
        if isinstance(command, LazyGroup):
            yield command


def test_the_help_loads_no_feature() -> None:
    modules = loaded("--help")

    assert modules & EVERYTHING == set()
    assert {name for name in modules if name.startswith("capture.")} <= {
        "capture.cli",
        "capture.lazy_group",
        "capture.problems",
    }


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "words, unused",
    [
        ("user list", WEB | NUMBERS | DEFINITIONS | {"alembic"}),
        ("seal", WEB | NUMBERS | DEFINITIONS | {"alembic"}),
        ("study list", WEB | NUMBERS | {"alembic"}),
        ("user create --email nurse@site.example --name Nora", WEB | NUMBERS | {"alembic"}),
        ("verify", WEB | NUMBERS | {"alembic"}),
        ("migrate", WEB | NUMBERS),
    ],
)
def test_a_small_command_loads_what_it_uses(words: str, unused: set[str], config: Config) -> None:
    assert loaded(words, config) & unused == set()


def test_a_command_is_listed_with_its_own_help() -> None:
    for group in groups():
        context = click.Context(group)
        for name, source in group.sources.items():
            command = group.get_command(context, name)
            assert command is not None
            assert command.name == name
            listed = click.Command(name, help=source.help)
            assert listed.get_short_help_str(500) == command.get_short_help_str(500)
