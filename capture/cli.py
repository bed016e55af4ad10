"""The `sarcomere` command: the list of its commands, each beside the feature that it serves."""

from __future__ import annotations

import click

from capture.lazy_group import CommandSource, LazyGroup
from capture.problems import Problem

COMMANDS = {
    "migrate": CommandSource(
        "capture.migrate_cli",
        "migrate_command",
        "Bring the database up to this release, as its owner.",
    ),
    "serve": CommandSource("capture.serving_cli", "serve_command", "Serve on 127.0.0.1."),
    "user": CommandSource(
        "capture.accounts.cli",
        "user",
        "Accounts: open, close, list; give roles and first passwords.",
    ),
    "study": CommandSource("capture.study.cli", "study", "Check, publish and list studies."),
    "site": CommandSource("capture.study.cli", "site", "Lead the sites of a study."),
    "export": CommandSource(
        "capture.export.cli", "export", "Write the datasets of STUDY to a new folder."
    ),
    "randomisation": CommandSource(
        "capture.randomisation.designs.cli",
        "randomisation",
        "Concealed designs, their keys and proofs; STUDY/NAME is such as gist-imatinib/duration.",
    ),
    "dose": CommandSource(
        "capture.dose_finding.cli",
        "dose",
        "Dose finding; STUDY/NAME is such as dose-demo/irinotecan.",
    ),
    "rehearse": CommandSource(
        "capture.synthetic.cli",
        "rehearse_command",
        "Run a synthetic trial of a study in state test through the real services.",
    ),
    "verify": CommandSource(
        "capture.ledger.cli",
        "verify",
        "Check that ledger, seals, checkpoints, counters and state agree; "
        "exit 1 names what does not.",
    ),
    "seal": CommandSource(
        "capture.ledger.cli",
        "seal_command",
        "Seal what is waiting, and sign the head of every study that has grown.",
    ),
    "backup": CommandSource(
        "capture.backup.cli",
        "backup_command",
        "Copy the whole database into the new folder DIR, while people go on working.",
    ),
    "restore": CommandSource(
        "capture.backup.cli",
        "restore_command",
        "Put the backup in DIR in the place of the database, and halt every randomisation.",
    ),
}
"""Nothing of these is loaded before it is called for; a test compares the help with their own."""


class Commands(LazyGroup):
    """Says in words what went wrong, and answers 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(problem.message) from problem


@click.group(cls=Commands, sources=COMMANDS)
@click.version_option(package_name="sarcomere")
def main() -> None:
    """Sarcomere: trial data capture and randomisation."""
