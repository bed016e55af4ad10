"""The commands that enter and activate a design, write its proof and try it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from capture.access import Action
from capture.accounts.password_prompt import authenticate_at_prompt
from capture.installation import Services, use_installation
from capture.ledger.service import transaction
from capture.problems import NotFound, Refused
from capture.randomisation import reads
from capture.randomisation.designs.rerandomise_cli import rerandomise_command
from capture.randomisation.designs.service import design_dry_run, designs, list_upload
from capture.randomisation.designs.service.design_warnings import list_design_warnings
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.designs.simulate_cli import refuse_who_may_not_see, simulate
from capture.randomisation.recovery.service import envelopes as enveloping
from capture.randomisation.recovery.service.halt import halt_if_outside_is_newer
from capture.study import reads as study_reads
from forms.definition import Study
from randomiser import order_hash
from randomiser.list_file import LONGEST_FILE

PLACE = click.argument("place", metavar="STUDY/NAME")
AS = click.option("--as", "email", required=True, metavar="EMAIL", help="Who acts; by password.")


@dataclass(frozen=True)
class NamedRandomisation:
    """A randomisation of a published study."""

    study: Study
    study_version: int
    state: str
    name: str


@click.group()
def randomisation() -> None:
    """Concealed designs, their keys and proofs; STUDY/NAME is such as gist-imatinib/duration."""


@randomisation.command("design")
@PLACE
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS
def design(place: str, file: Path, email: str) -> None:
    """Keep the design of FILE concealed, as the unblinded statistician."""
    services = use_installation()
    found = _get_named_randomisation(services, place)
    actor = authenticate_at_prompt(services, email)
    content = designs.parse_design(_text(file))
    with transaction(services.database, actor, services.concealment) as tx:
        version_id = designs.enter_design(tx, found.study, found.study_version, found.name, content)
    click.echo(f"Design version {version_id} is kept. The trial manager activates it.")
    with services.database.reading() as connection:
        for words in list_design_warnings(
            connection, services.concealment, found.study, found.name
        ):
            click.echo(f"Warning: {words}")


@randomisation.command("upload-list")
@PLACE
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS
def upload(place: str, file: Path, email: str) -> None:
    """Keep the list of FILE (CSV) concealed, as the unblinded statistician.

    First line: the factors of the strata, list_position, arm. Every problem is named with its line.
    """
    services = use_installation()
    found = _get_named_randomisation(services, place)
    actor = authenticate_at_prompt(services, email)
    with file.open("rb") as opened:
        data = opened.read(LONGEST_FILE + 1)
    with transaction(services.database, actor, services.concealment) as tx:
        version_id = list_upload.upload_list(tx, found.study, found.study_version, found.name, data)
    with services.database.reading() as connection:
        kept = reads.get_design(connection, services.concealment, found.study.slug, version_id)
    click.echo(f"The list is kept as design version {version_id}. The trial manager activates it.")
    click.echo(f"SHA-256 of the file:  {kept.file_hash}")
    click.echo(f"SHA-256 of the order: {order_hash(kept)}")


@randomisation.command("activate")
@PLACE
@AS
def activate(place: str, email: str) -> None:
    """Activate the waiting design with the second person's value, as the trial manager."""
    services = use_installation()
    found = _get_named_randomisation(services, place)
    actor = authenticate_at_prompt(services, email)
    v = click.prompt("Your value (at least 8 characters that nobody could foresee)")
    key_copy = click.prompt("Separate copy of the concealment key", hide_input=True)
    halt_if_outside_is_newer(services.database, services.concealment, services.config.data)
    with transaction(services.database, actor, services.concealment) as tx:
        versions = reads.list_design_versions(tx.connection, found.study.slug, found.name)
        waiting = [version for version in versions if version.state == "entered"]
        if not waiting:
            raise Refused("No design is waiting to be activated.")
        sealed = designs.activate(
            tx, found.study, found.study_version, waiting[0].id, v=v, key_copy=key_copy
        )
    click.echo(f"Design version {waiting[0].id} is active. Commitment: {sealed}")


@randomisation.command("envelopes")
@PLACE
@click.option("--site", required=True, help="The site's slug.")
@click.option("--count", required=True, help="How many, from the next number on; at most 50.")
@click.option("--out", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@AS
def envelopes(place: str, site: str, count: str, out: Path, email: str) -> None:
    """Write envelopes for a site without network into the folder OUT, one text file to print.

    As the unblinded statistician. Print it, one sheet an envelope, seal each, and delete the file.
    """
    services = use_installation()
    found = _get_named_randomisation(services, place)
    actor = authenticate_at_prompt(services, email)
    halt_if_outside_is_newer(services.database, services.concealment, services.config.data)
    with transaction(services.database, actor, services.concealment) as tx:
        batch = enveloping.print_envelopes(
            tx, found.study, found.study_version, found.name, site=site, count=count
        )
    with services.database.reading() as connection:
        held = enveloping.list_printed_batch(
            connection, services.concealment, actor, found.study, batch
        )
        name = study_reads.get_site(connection, found.study.slug, site).name
    file = out / f"envelopes-{found.name}-{site}-{held[0].label}-{held[-1].label}.txt"
    text = sheets(found.study, found.name, name, held, is_test=found.state == study_reads.TEST)
    _write(file, text.encode(), is_secret=True)
    click.echo(f"Written: {file}. Print it, seal each sheet, and delete the file.")


def sheets(
    study: Study,
    name: str,
    site: str,
    held: Sequence[enveloping.PrintedEnvelopes],
    *,
    is_test: bool,
) -> str:
    """Return envelopes as text, with a form feed between two sheets."""
    title = study.randomisation(name).title
    mark = "TEST STUDY: NOT FOR REAL PARTICIPANTS\n\n" if is_test else ""
    return "\f".join(
        f"ENVELOPE {envelope.label}\n{study.title}\n{title}\n{site}\n\n{mark}"
        "Open the lowest number only, for one eligible participant who has consented, and only\n"
        "while Sarcomere cannot be reached. Write down here, then record it in Sarcomere:\n\n"
        "Participant number: ____________  Opened on: ____________  By: ____________\n\n\n"
        f"- - - - - - - - - - - - - - - - fold here - - - - - - - - - - - - - - - -\n\n\n"
        f"{envelope.arm}\n\nEnvelope {envelope.label}, {site}\n"
        for envelope in held
    )


@randomisation.command("proof")
@PLACE
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "email", metavar="EMAIL", help="Needed in a study in test: by password.")
def proof(place: str, out: Path, email: str | None) -> None:
    """Write the proof bundle that randomiser/verify.py checks.

    It holds the versions whose key two people have unsealed. For the unblinded statistician of a
    study in state test it holds the other versions too.
    """
    services = use_installation()
    found = _get_named_randomisation(services, place)
    actor = authenticate_at_prompt(services, email) if email else None
    knows_list = actor is not None and actor.may(Action.LIST_STATE_VIEW, found.study.slug)
    with services.database.reading() as connection:
        bundle = make_proof_bundle(
            connection,
            services.concealment,
            found.study.slug,
            found.name,
            knows_list=knows_list,
        )
    _write(out, bundle)
    click.echo(f"Written: {out}. Anyone can check it with randomiser/verify.py.")


@randomisation.command("test")
@PLACE
@click.option("--participants", default=20, show_default=True, type=click.IntRange(1, 10_000))
@AS
def test(place: str, participants: int, email: str) -> None:
    """Allocate made-up participants under a temporary key and print the number in each arm.

    As the unblinded statistician: small counts reveal the block sizes. Nothing is stored and the
    real lists are not touched. Only for a study in state test.
    """
    services = use_installation()
    found = _get_named_randomisation(services, place)
    if found.state != study_reads.TEST:
        raise Refused("Only a study in state test can be tried out.")
    refuse_who_may_not_see(services, found.study, email)
    with services.database.reading() as connection:
        tried = design_dry_run.newest_design(
            connection, services.concealment, found.study, found.name
        )
    for levels, arms in design_dry_run.run_dry(found.study, found.name, tried, participants):
        counts = ", ".join(f"{arm.name} {arms[arm.name]}" for arm in tried.arms)
        click.echo(f"{', '.join(levels) or 'all participants'}: {counts}")


randomisation.add_command(simulate)
randomisation.add_command(rerandomise_command)


def _get_named_randomisation(services: Services, place: str) -> NamedRandomisation:
    slug, _, name = place.partition("/")
    with services.database.reading() as connection:
        published = study_reads.get_version_in_force(connection, slug)
        study = study_reads.get_definition(connection, published)
    if name not in {randomisation.name for randomisation in study.randomisations}:
        raise NotFound(f"The study {slug} has no randomisation {name!r}.")
    return NamedRandomisation(study, published.number, published.state, name)


def _write(file: Path, content: bytes, *, is_secret: bool = False) -> None:
    """Write a file; a secret one must be new and only its owner can read it.

    Raises ClickException.
    """
    try:
        if is_secret:
            file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(content)
    except OSError as problem:
        raise click.ClickException(f"{file} was not written: {problem.strerror}.") from problem


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise click.ClickException(f"{file} is no text.") from problem
