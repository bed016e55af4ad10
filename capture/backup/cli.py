"""`sarcomere backup` and `sarcomere restore`."""

from __future__ import annotations

from pathlib import Path

import click

from capture.backup.restore import RestoreResult, restore
from capture.backup.take import take
from capture.installation import open_installation, read_config
from capture.readiness import refuse_unwritable, telling_start_problems

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))


@click.command("backup")
@FOLDER
def backup_command(folder: Path) -> None:
    """Copy the whole database into the new folder DIR, while people go on working."""
    config = read_config()
    open_installation(config, may_be_older=True).database.engine.dispose()
    with telling_start_problems():
        manifest = take(config, folder)
    for study, rows in manifest.contents.rows.items():
        click.echo(f"{study}: {rows} ledger rows")
    click.echo(
        f"{folder / manifest.file} holds the state of {manifest.taken_at}.\n"
        "The keys are not in it. Keep SARCOMERE_CONCEALMENT_KEY elsewhere: without it no design "
        "and no list can be read again."
    )


@click.command("restore")
@FOLDER
@click.option(
    "--yes-replace",
    is_flag=True,
    help="Also when the database here holds what the backup does not.",
)
def restore_command(folder: Path, yes_replace: bool) -> None:
    """Put the backup in DIR in the place of the database, and halt every randomisation.

    Stop the servers first. What is replaced is kept in the data folder.
    """
    config = read_config()
    refuse_unwritable(config)
    with telling_start_problems():
        restored = restore(config, folder, yes_replace=yes_replace)
    click.echo(_words(restored))


def _words(restored: RestoreResult) -> str:
    lines = [f"The database is again what it was at {restored.manifest.taken_at}."]
    if restored.kept:
        lines.append(f"What was here before is kept in {restored.kept}.")
    lines.append("Everybody has to sign in again.")
    if restored.halted:
        lines.append(
            f"Randomisation is halted ({restored.halted}): allocations made since the backup may "
            "be missing. Two people reconcile them with the receipts, on the randomisation's page."
        )
    return "\n".join(lines)
