"""The `sarcomere` command: administration, and the server itself."""

from __future__ import annotations

import os

import click
import sqlalchemy as sa

import capture.tables  # noqa: F401  (every feature's tables and folds)
from capture import demonstration
from capture.accounts import demonstration as people
from capture.accounts.cli import user
from capture.backup.cli import backup_command, restore_command
from capture.config import Config
from capture.db import Database
from capture.export.cli import export
from capture.installation import configured
from capture.ledger.cli import seal_command, verify
from capture.migrate import is_current, migrate
from capture.problems import ConfigurationProblem, Problem
from capture.randomisation.cli import randomisation
from capture.rehearsal.cli import rehearse_command
from capture.safety.cli import dose
from capture.serving import serve
from capture.study.cli import site, study


class Commands(click.Group):
    """Says in words what went wrong, and answers 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(problem.message) from problem


@click.group(cls=Commands)
@click.version_option(package_name="sarcomere")
def main() -> None:
    """Sarcomere: trial data capture and randomisation."""


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database up to this release, as its owner."""
    _migrate(configured())
    click.echo("The database is up to date.")


@main.command("serve")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--demonstration", "is_demonstration", is_flag=True, help="Invented people only.")
def serve_command(port: int, workers: int, is_demonstration: bool) -> None:
    """Serve on 127.0.0.1."""
    if is_demonstration:
        os.environ["SARCOMERE_DEMO"] = "1"
    config = configured()
    if config.demo:
        _prepare_demonstration(config)
    _refuse_old_database(config)
    click.echo(f"Sarcomere serves on http://127.0.0.1:{port}/ (stop with Ctrl+C)")
    if config.demo:
        _print_accounts()
    serve(config, port=port, workers=workers)


def _prepare_demonstration(config: Config) -> None:
    if not (config.data / demonstration.DATABASE).exists():
        click.echo("Building the demonstration with invented people (about a minute, once) …")
    demonstration.build(config)
    _migrate(config)


def _migrate(config: Config) -> None:
    if config.is_sqlite:
        config.data.mkdir(parents=True, exist_ok=True)
    elif not config.owner_url:
        raise ConfigurationProblem(
            "SARCOMERE_OWNER_URL is not set: only the database's owner may change its tables."
        )
    owner = Database(config.database_url if config.is_sqlite else config.owner_url)
    migrate(owner, sa.make_url(config.database_url).username or "")
    owner.engine.dispose()


def _refuse_old_database(config: Config) -> None:
    database = Database.of(config)
    if not is_current(database):
        raise ConfigurationProblem(
            "The database does not belong to this release yet. Run `sarcomere migrate` first."
        )
    database.engine.dispose()


def _print_accounts() -> None:
    click.echo(f"Accounts of the demonstration (password {people.PASSWORD}):")
    for account in people.ACCOUNTS:
        click.echo(f"  {account.email:<32}{account.role.label}")


main.add_command(user)
main.add_command(study)
main.add_command(site)
main.add_command(export)
main.add_command(randomisation)
main.add_command(dose)
main.add_command(rehearse_command)
main.add_command(verify)
main.add_command(seal_command)
main.add_command(backup_command)
main.add_command(restore_command)
