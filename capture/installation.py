"""The installation that the environment names: its settings, its database, its keys."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module

import click

from capture.config import Config
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.local_secrets import with_own_secrets
from capture.readiness import refuse_missing, refuse_unready, telling_start_problems


@dataclass(frozen=True)
class Services:
    """The installation that an application or a command works with."""

    database: Database
    concealment: Concealment
    config: Config

    @classmethod
    def of(cls, config: Config) -> Services:
        return cls(Database.of(config), Concealment(config.concealment_key), config)


def read_config() -> Config:
    """The settings of the environment; a demonstration (SARCOMERE_DEMO=1) keeps its own secrets."""
    if os.environ.get("SARCOMERE_DEMO") != "1":
        return Config.from_environment()
    with telling_start_problems():
        return Config.from_environment(with_own_secrets(os.environ))


def open_installation(config: Config, *, may_be_older: bool = False) -> Services:
    """Return the database and keys of an installation that is ready. Raises ConfigurationProblem.

    may_be_older: for a backup, which people take before they migrate.
    """
    refuse_missing(config)
    with telling_start_problems():
        services = Services.of(config)
        try:
            refuse_unready(services.database, may_be_older=may_be_older)
        except BaseException:
            services.database.engine.dispose()
            raise
    return services


def use_installation(*, folds: bool = True) -> Services:
    """Return the database and keys that a command works with; its end lets the database go.

    folds: False for a command that puts nothing on record and folds nothing, so that it need not
    load every feature's tables and folds.
    """
    if folds:
        import_module("capture.tables")
    services = open_installation(read_config())
    click.get_current_context().call_on_close(services.database.engine.dispose)
    return services
