"""Every command and Makefile target that a document tells people to type exists."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from capture.cli import main
from tests.house import tree

COMMAND = re.compile(r"(?:`|^    |/bin/)sarcomere\s+([a-z-]+)(?:[ \t]+([a-z-]+))?", re.MULTILINE)
TARGETS = re.compile(r"(?:`|^    )make((?: [a-z-]+\b(?!=))+)", re.MULTILINE)
CONTEXT = click.Context(main)


def documents() -> list[str]:
    return [name for name in tree.files() if name.endswith(".md")]


def named_commands(name: str) -> Iterator[tuple[str, str]]:
    yield from COMMAND.findall(tree.text(name))


def is_command(first: str, second: str) -> bool:
    command = main.get_command(CONTEXT, first)
    if not isinstance(command, click.Group):
        return command is not None
    return second == "" or second in command.list_commands(CONTEXT)


def test_documents_name_commands_that_exist() -> None:
    unknown = [
        f"{name}: sarcomere {first} {second}".rstrip()
        for name in documents()
        for first, second in named_commands(name)
        if not is_command(first, second)
    ]

    assert unknown == []


def test_every_command_is_named_in_a_document() -> None:
    named = {first for name in documents() for first, _second in named_commands(name)}

    assert set(main.list_commands(CONTEXT)) - named == set(), (
        "say in docs/operations.md what it is for"
    )


def test_documents_name_targets_that_exist() -> None:
    targets = set(re.findall(r"^\.PHONY: ([a-z-]+)$", tree.text("Makefile"), re.MULTILINE))
    unknown = [
        f"{name}: make {word}"
        for name in documents()
        for words in TARGETS.findall(tree.text(name))
        for word in words.split()
        if word not in targets
    ]

    assert unknown == []
