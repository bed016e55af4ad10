"""`sarcomere migrate`."""

from __future__ import annotations

import click
import sqlalchemy as sa

from capture.config import Config
from capture.db import Database
from capture.installation import read_config
from capture.migrate import migrate
from capture.problems import ConfigurationProblem
from capture.readiness import refuse_unwritable, telling_start_problems


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database up to this release, as its owner."""
    config = read_config()
    refuse_unwritable(config)
    with telling_start_problems():
        migrate_installation(config)
    click.echo("The database is up to date.")


def migrate_installation(config: Config) -> None:
    """Run the missing migrations of an installation. Raises ConfigurationProblem."""
    if config.is_sqlite:
        config.data.mkdir(parents=True, exist_ok=True)
    elif not config.owner_url:
        raise ConfigurationProblem(
            "SARCOMERE_OWNER_URL is not set: only the database's owner may change its tables."
        )
    owner = Database(config.database_url if config.is_sqlite else config.owner_url)
    try:
        migrate(owner, sa.make_url(config.database_url).username or "")
    finally:
        owner.engine.dispose()
