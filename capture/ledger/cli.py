"""`sarcomere verify` and `sarcomere seal`: does the record hold, and signing what it is now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import sqlalchemy as sa

from capture.installation import Services, use_installation
from capture.ledger.sealing import Checkpoint, public_key, seal, sign_checkpoints
from capture.ledger.tree_heads import read_checkpoints
from capture.ledger.verify import Report, loose_bodies, studies_anywhere, verify_study
from capture.problems import NotFound

CHECKPOINTS = "checkpoints"
AGAINST = "--against"


class FilesAfterAgainst(click.Command):
    """Lets one `--against` take every file behind it, as a shell's *.jsonl gives them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        spread: list[str] = []
        is_behind = False
        for word in args:
            is_option = word.startswith("-")
            if is_behind and not is_option and spread[-1] != AGAINST:
                spread.append(AGAINST)
            is_behind = word == AGAINST or (is_behind and not is_option)
            spread.append(word)
        return super().parse_args(ctx, spread)


@click.command(cls=FilesAfterAgainst)
@click.argument("study", required=False)
@click.option(
    AGAINST,
    "files",
    multiple=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Checkpoints held outside: lines, or the manifest of an export or a backup.",
)
def verify(study: str | None, files: Sequence[Path]) -> None:
    """Check that ledger, seals, checkpoints, counters and state agree; exit 1 names what does not.

    Without STUDY every study is checked, and the acts of no study under the name "system".
    """
    outside = _outside(files, study)
    try:
        reports, loose = _looked_at(use_installation(), study, outside)
    except sa.exc.DatabaseError as problem:
        raise click.ClickException(
            f"The database cannot be read: {problem.orig}. If it is new, run `sarcomere migrate`."
        ) from problem
    for report in reports:
        _tell(report, sum(head.study == report.study for head in outside))
    for finding in loose:
        click.echo(f"does not agree: {finding}")
    wrong = sum(len(report.findings) for report in reports) + len(loose)
    if wrong:
        raise click.ClickException(f"The record does not agree in {wrong} places (named above).")
    click.echo("Everything agrees.")


def _outside(files: Sequence[Path], study: str | None) -> list[Checkpoint]:
    try:
        heads = [head for path in files for head in read_checkpoints(path)]
    except (OSError, ValueError) as problem:
        raise click.BadParameter(str(problem), param_hint=AGAINST) from problem
    if files and study and all(head.study != study for head in heads):
        raise click.BadParameter(f"no file holds a checkpoint of {study}", param_hint=AGAINST)
    return heads


def _looked_at(
    services: Services, study: str | None, outside: Sequence[Checkpoint]
) -> tuple[list[Report], list[str]]:
    """Return a report for each study, all of one moment, and the side rows that belong to none."""
    # After a change of the signing key the old one is vouched for by the files held outside.
    keys = {public_key(services.config.checkpoint_key), *(head.key for head in outside)}
    with services.database.reading() as connection:
        known = sorted({*studies_anywhere(connection), *(head.study for head in outside)})
        if study is not None and study not in known:
            names = ", ".join(known) or "none yet"
            raise NotFound(f"There is no study {study} in this database (there are: {names}).")
        reports = [
            verify_study(connection, services.concealment, name, outside, keys=keys)
            for name in ([study] if study is not None else known)
        ]
        return reports, loose_bodies(connection)


def _tell(report: Report, compared: int) -> None:
    counts = [
        f"{report.rows} ledger rows",
        f"{report.sealed} sealed",
        f"{report.unsealed} waiting to be sealed",
        f"{len(report.redacted)} redacted",
    ]
    if compared:
        counts.append(f"{compared} checkpoints held outside")
    click.echo(f"{report.study}: {', '.join(counts)}")
    for place in report.redacted:
        click.echo(f"  redacted: {place}")
    for finding in report.findings:
        click.echo(f"  does not agree: {finding}")


@click.command("seal")
def seal_command() -> None:
    """Seal what is waiting, and sign the head of every study that has grown.

    The signed heads are added to the files in the data folder's checkpoints/: keep copies of them
    where the database's owner cannot reach, for `sarcomere verify --against`.
    """
    services = use_installation(folds=False)
    seal(services.database)
    folder = services.config.data / CHECKPOINTS
    made = sign_checkpoints(services.database, services.config.checkpoint_key, folder)
    for head in made:
        click.echo(f"{head.study}: {head.size} rows, head {head.root}, sealed at {head.at}")
    if not made:
        click.echo("Nothing is new since the last checkpoint.")
