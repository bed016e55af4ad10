"""`sarcomere user …`: accounts and roles from the command line, as the system itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts import passwords, reads, service
from capture.installation import use_installation
from capture.ledger.service import Transaction, transaction
from capture.problems import NotFound

EMAIL = click.option("--email", required=True, help="The account's e-mail address.")
REASON = click.option("--reason", required=True, help="Why; it stays on record.")


@click.group()
def user() -> None:
    """Accounts: open, close, list; give roles and first passwords."""


@user.command()
@EMAIL
@click.option("--name", required=True, help="The person's name, as it stands on every page.")
def create(email: str, name: str) -> None:
    """Open an account and print its first password."""
    first = passwords.make_one_time_password()
    hashed = passwords.hash_password(first)
    with _open_transaction() as tx:
        service.create_user(tx, email, name, hashed)
    click.echo(f"First password, to be changed at the first sign-in: {first}")


@user.command("reset-password")
@EMAIL
def reset_password(email: str) -> None:
    """Print a new first password; every session of the account ends."""
    first = passwords.make_one_time_password()
    hashed = passwords.hash_password(first)
    with _open_transaction() as tx:
        service.reset_password(tx, _get_account(tx, email).id, hashed)
    click.echo(f"First password, to be changed at the next sign-in: {first}")


@user.command()
@click.argument("study")
@EMAIL
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--site", "sites", multiple=True, help="A site's short name; all sites without it.")
@click.option("--from", "from_date", help="First day (2026-11-03); today without it.")
@click.option("--to", "to_date", help="Last day; without it there is no end.")
@click.option("--masked", is_flag=True, help="Must not learn any arm (blinded assessor).")
def grant(study: str, email: str, role: str, **more: object) -> None:
    """Give a role in STUDY ("system" for an administrator)."""
    sites, from_date, to_date = more["sites"], more["from_date"], more["to_date"]
    with _open_transaction() as tx:
        new = service.NewMembership(
            user=_get_account(tx, email).id,
            role=Role(role),
            sites=tuple(map(str, sites)) if isinstance(sites, tuple) and sites else None,
            from_date=str(from_date or reads.get_today()),
            to_date=str(to_date) if to_date else None,
            masked=bool(more["masked"]),
        )
        service.grant(tx, study, new)
    click.echo(f"{email} is now {Role(role).label} in {study}.")


@user.command()
@EMAIL
@REASON
def disable(email: str, reason: str) -> None:
    """Close an account; its sessions end at once."""
    with _open_transaction() as tx:
        service.disable_user(tx, _get_account(tx, email).id, reason)
    click.echo(f"The account of {email} is closed.")


@user.command()
@EMAIL
@REASON
def enable(email: str, reason: str) -> None:
    """Open a closed account again."""
    with _open_transaction() as tx:
        service.enable_user(tx, _get_account(tx, email).id, reason)
    click.echo(f"The account of {email} is open.")


@user.command("list")
def list_users() -> None:
    """Every account with its roles in force."""
    with use_installation(folds=False).database.reading() as connection:
        for person in reads.list_accounts(connection):
            grants = reads.get_actor(connection, person).grants
            roles = (
                ", ".join(f"{grant.role.label} in {grant.study}" for grant in grants) or "no role"
            )
            state = "" if person.is_active else " (closed)"
            click.echo(f"{person.email}\t{person.name}{state}\t{roles}")


@contextmanager
def _open_transaction() -> Iterator[Transaction]:
    services = use_installation()
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        yield tx


def _get_account(tx: Transaction, email: str) -> reads.Account:
    person = reads.find_account_by_email(tx.connection, email)
    if person is None:
        raise NotFound(f"There is no account with the e-mail address {email}.")
    return person
