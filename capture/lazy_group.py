"""A group of commands that loads a command only when it is called for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

import click


@dataclass(frozen=True)
class CommandSource:
    """Where a command stands, and what the list of commands says of it."""

    module: str
    name: str
    help: str


class LazyGroup(click.Group):
    """Lists its commands without loading them: a module that a command does not need costs time."""

    def __init__(self, *, sources: Mapping[str, CommandSource], **options: Any) -> None:
        super().__init__(**options)
        self.sources = sources

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.sources})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if source := self.sources.get(cmd_name):
            return cast(click.Command, getattr(import_module(source.module), source.name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        listed = {
            name: click.Command(name, help=source.help) for name, source in self.sources.items()
        }
        click.Group(commands={**self.commands, **listed}).format_commands(ctx, formatter)
