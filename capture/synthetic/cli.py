"""`sarcomere rehearse`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from capture.installation import use_installation
from capture.study.cli import check_folder
from capture.synthetic import RehearsalPlan, rehearse

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("rehearse")
@click.argument("study")
@click.option("--participants", type=int, required=True, help="How many invented people.")
@click.option("--seed", type=int, required=True, help="The same seed gives the same trial.")
@click.option(
    "--start", type=DAY, help="First day; default: after the study's last row, or 3 years ago."
)
@click.option("--end", type=DAY, help="Last day; default: now.")
@click.option(
    "--definition",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="What to publish where the study is not there yet; default: the bundled one.",
)
def rehearse_command(
    study: str,
    participants: int,
    seed: int,
    *,
    start: datetime | None,
    end: datetime | None,
    definition: Path | None,
) -> None:
    """Run a synthetic trial of a study in state test through the real services."""
    if definition:
        check_folder(definition)
    first, last = start.date() if start else None, end.date() if end else None
    plan = RehearsalPlan(study, participants, seed, first, last, folder=definition)
    click.echo(rehearse(use_installation(), plan).words)
