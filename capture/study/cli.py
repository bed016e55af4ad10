"""The commands about studies and their sites: `sarcomere study …` and `sarcomere site …`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from capture.access import SYSTEM_ACTOR
from capture.accounts.password_prompt import authenticate_at_prompt
from capture.installation import use_installation
from capture.ledger.service import Transaction, transaction
from capture.problems import Problem
from capture.study import reads, service
from capture.study.reads import TEST, StudyVersion
from forms.load import read_folder
from forms.problems import DefinitionProblems

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def study() -> None:
    """Check, publish and list studies."""


@click.group()
def site() -> None:
    """Lead the sites of a study."""


@study.command("check")
@FOLDER
def check(folder: Path) -> None:
    """Tell every mistake of a study's folder as `file:line: words`; exit 1 when there is one."""
    ready = check_folder(folder)
    study = ready.study
    forms = len(study.instruments)
    click.echo(
        f"{study.slug} {study.version}: no mistakes, {forms} form{'' if forms == 1 else 's'}."
    )


@study.command("publish")
@FOLDER
@click.option("--state", type=click.Choice(["test", "live"]), default="test", show_default=True)
@click.option("--approved-by", metavar="EMAIL", help="Who approves that the study goes live.")
@click.option("--add-sites", is_flag=True, help="Also add the made-up sites of sites.yaml.")
def publish(folder: Path, state: str, approved_by: str | None, add_sites: bool) -> None:
    """Publish a study's folder as its next, immutable version."""
    if (state == "live") != (approved_by is not None):
        raise click.UsageError("--state live and --approved-by EMAIL go together.")
    if approved_by and add_sites:
        raise click.UsageError("The sites of sites.yaml are made up; a live study takes none.")
    ready = check_folder(folder)
    services = use_installation()
    actor = authenticate_at_prompt(services, approved_by) if approved_by else SYSTEM_ACTOR
    with transaction(services.database, actor, services.concealment) as tx:
        if approved_by:
            version = _publish_live(tx, ready)
        else:
            version = service.publish(tx, ready, add_sites=add_sites)
    click.echo(
        f"{version.study} version {version.number} ({version.label}), {version.state}, "
        f"SHA-256 {version.sha256}"
    )


@study.command("list")
def list_studies() -> None:
    """List the published studies with the version in force."""
    with use_installation(folds=False).database.reading() as connection:
        for line in reads.list_studies(connection, SYSTEM_ACTOR):
            if line.version is not None:
                version = line.version
                number = f"{version.number} ({version.label})"
                click.echo(f"{version.study}\t{number}\t{version.state}\t{version.title}")


@site.command("list")
@click.argument("study")
def list_sites(study: str) -> None:
    """List a study's sites with their dates."""
    with use_installation(folds=False).database.reading() as connection:
        reads.get_version_in_force(connection, study)
        for site in reads.list_sites(connection, SYSTEM_ACTOR, study):
            dates = f"{site.open_from or 'not open'}\t{site.closed_from or ''}"
            click.echo(f"{site.slug}\t{site.name}\t{site.country}\t{site.zone}\t{dates}")


@site.command("add")
@click.argument("study")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--zone", required=True, help="For example Europe/London.")
@click.option("--country", default="")
@click.option("--target", type=int, help="Recruitment target.")
@click.option("--target-by", type=DATE, metavar="DATE", help="Date of the recruitment target.")
@click.option("--attribute", "attributes", multiple=True, metavar="NAME=CODE")
def add_site(
    study: str,
    slug: str,
    *,
    name: str,
    zone: str,
    country: str,
    target: int | None,
    target_by: datetime | None,
    attributes: tuple[str, ...],
) -> None:
    """Add a site under a short name of small letters; it is not open yet."""
    codes = dict(_read_attribute(text) for text in attributes)
    new = service.NewSite(
        slug,
        name,
        zone,
        country=country,
        target=target,
        target_by=target_by.date() if target_by else None,
        attributes=codes,
    )
    with _open_transaction() as tx:
        service.add_site(tx, study, new)
    click.echo(f"{study}: site {slug} is added. Open it with: sarcomere site open {study} {slug}")


@site.command("open")
@click.argument("study")
@click.argument("slug")
@click.option("--from", "start", type=DATE, required=True, metavar="DATE")
def open_site(study: str, slug: str, start: datetime) -> None:
    """Let participants join at a site from a date (YYYY-MM-DD) on."""
    with _open_transaction() as tx:
        opened = service.open_site(tx, study, slug, start.date())
    click.echo(f"{study}: site {slug} is open from {opened.open_from}.")


@site.command("close")
@click.argument("study")
@click.argument("slug")
@click.option("--from", "end", type=DATE, required=True, metavar="DATE")
@click.option("--reason", default="")
def close_site(study: str, slug: str, end: datetime, reason: str) -> None:
    """Let nobody new join at a site from a date (YYYY-MM-DD) on."""
    with _open_transaction() as tx:
        closed = service.close_site(tx, study, slug, end.date(), reason)
    click.echo(f"{study}: site {slug} is closed from {closed.closed_from}.")


def check_folder(folder: Path) -> service.CheckedDefinition:
    """The folder's definition; its mistakes go to the terminal, one a line, and end the command."""
    try:
        return service.check_definition(read_folder(folder))
    except (DefinitionProblems, service.DefinitionRefused) as found:
        mistakes = found.mistakes if isinstance(found, Problem) else found.problems
        for mistake in mistakes:
            click.echo(str(mistake))
        raise SystemExit(1) from found


def _publish_live(tx: Transaction, ready: service.CheckedDefinition) -> StudyVersion:
    """Publish and approve in one; files that are already in test are only approved."""
    slug = ready.study.slug
    for version in reads.list_versions(tx.connection, slug):
        if version.sha256 == ready.bundle.sha256 and version.state == TEST:
            return service.approve(tx, slug, version.number)
    return service.approve(tx, slug, service.publish(tx, ready).number)


@contextmanager
def _open_transaction() -> Iterator[Transaction]:
    services = use_installation()
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        yield tx


def _read_attribute(text: str) -> tuple[str, str]:
    name, sign, code = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text!r} is not NAME=CODE, for example country=gb.")
    return name, code
