"""The installation that the environment names, for the command line."""

from __future__ import annotations

import os

import click

from capture.config import Config
from capture.own_secrets import with_own_secrets
from capture.wiring import Services


def configured() -> Config:
    """The settings of the environment; a demonstration (SARCOMERE_DEMO=1) keeps its own secrets."""
    if os.environ.get("SARCOMERE_DEMO") == "1":
        return Config.from_environment(with_own_secrets(os.environ))
    return Config.from_environment()


def installed() -> Services:
    """The database and keys that a command works with; its end lets the database go."""
    services = Services.of(configured())
    services.database.refuse_ownership()
    click.get_current_context().call_on_close(services.database.engine.dispose)
    return services
