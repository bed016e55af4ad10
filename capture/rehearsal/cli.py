"""`sarcomere rehearse`."""

from __future__ import annotations

from datetime import datetime

import click

from capture.installation import installed
from capture.rehearsal import Plan, rehearse

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("rehearse")
@click.argument("study")
@click.option("--participants", type=int, required=True, help="How many invented people.")
@click.option("--seed", type=int, required=True, help="The same seed gives the same trial.")
@click.option(
    "--start", type=DAY, help="First day; default: after the study's last row, or 3 years ago."
)
@click.option("--end", type=DAY, help="Last day; default: now.")
def rehearse_command(
    study: str, participants: int, seed: int, start: datetime | None, end: datetime | None
) -> None:
    """Run a synthetic trial of a study in state test through the real services."""
    plan = Plan(
        study, participants, seed, start.date() if start else None, end.date() if end else None
    )
    click.echo(rehearse(installed(), plan).words)
