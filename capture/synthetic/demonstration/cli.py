"""What `sarcomere serve --demonstration` does before it serves."""

from __future__ import annotations

import click

from capture.accounts.demonstration import ACCOUNTS, PASSWORD
from capture.config import Config
from capture.migrate_cli import migrate_installation
from capture.synthetic import demonstration


def prepare_demonstration(config: Config) -> None:
    """Build the demonstration where there is none, and bring it up to this release."""
    if not (config.data / demonstration.DATABASE).exists():
        click.echo("Building the demonstration with invented people (about a minute, once) …")
    demonstration.build(config)
    migrate_installation(config)


def print_accounts() -> None:
    """Say who can sign in to the demonstration."""
    click.echo(f"Accounts of the demonstration (password {PASSWORD}):")
    for account in ACCOUNTS:
        click.echo(f"  {account.email:<32}{account.role.label}")
