"""`sarcomere export`: datasets of one moment of a study into a folder."""

from __future__ import annotations

from pathlib import Path

import click

from capture.access import SYSTEM_ACTOR, Actor
from capture.accounts import reads as people
from capture.accounts import sign_in
from capture.accounts.sessions import Browser
from capture.export import service
from capture.export.request import FORMATS, ExportRequest
from capture.installation import Services, use_installation
from capture.problems import NotFound

HERE = Browser("", "command line")


@click.command("export")
@click.argument("study")
@click.option(
    "--format",
    "formats",
    required=True,
    metavar="F",
    help=f"{' or '.join(FORMATS)}, or several with commas.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="DIR")
@click.option("--as-of", default="", metavar="T", help="What was known at an instant or by a date.")
@click.option("--cutoff", default="", metavar="DATE", help="Leave out what happened after a date.")
@click.option("--as", "email", metavar="EMAIL", help="As this person; the password is asked.")
@click.option("--identifying", default="", metavar="REASON", help="Justification for identifiers.")
def export(study: str, formats: str, out: Path, **more: str | None) -> None:
    """Write the datasets of STUDY to a new folder.

    Without --as: what the blinded statistician may see.
    """
    services = use_installation()
    email = more["email"]
    actor = _authenticate(services, email) if email else SYSTEM_ACTOR
    export_request = ExportRequest(
        study=study,
        formats=formats,
        as_of=more["as_of"] or "",
        cutoff=more["cutoff"] or "",
        identifying=more["identifying"] or "",
    )
    plan = service.export_to(make_keys(services), actor, export_request, out)
    click.echo(
        f"{study}: position {plan.position}, sealed {plan.sealed_at}, written to {out} "
        f"as the {plan.role.replace('_', ' ')} sees it."
    )


def make_keys(services: Services) -> service.ExportKeys:
    return service.ExportKeys(
        services.database, services.concealment, services.config.checkpoint_key
    )


def _authenticate(services: Services, email: str) -> Actor:
    """The person who takes the datasets away, once the password typed at the prompt is right."""
    with services.database.reading() as connection:
        person = people.find_account_by_email(connection, email)
        if person is None or not person.is_active:
            raise NotFound(f"There is no open account with the e-mail address {email}.")
        actor = people.get_actor(connection, person)
    password = click.prompt(f"Password of {person.name}", hide_input=True)
    desk = sign_in.SignInDesk(services.database, services.concealment, services.config.secret_key)
    sign_in.check_password(desk, actor, sign_in.Credentials(email, password, HERE))
    return actor
