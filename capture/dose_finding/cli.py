"""The command that simulates many trials under a dose-finding design."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from capture.installation import Services, use_installation
from capture.problems import NotFound, Refused
from capture.study import reads as studies
from capture.study.dose_designs import make_dose_design
from forms.definition import DoseFinding
from randomiser.dose_finding import DoseDesign, StateProblem
from randomiser.simulation.dose_finding import simulate
from randomiser.simulation.dose_trials import Characteristics, Scenario

SEED = 1


def chances(text: str) -> tuple[float, ...]:
    """Read text such as `0.05,0.1,0.2`: a probability for each level, the lowest level first.

    Raises BadParameter when a part is no number.
    """
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError as problem:
        words = f"{text!r} is no list of chances such as 0.05,0.1,0.2"
        raise click.BadParameter(words) from problem


@click.group()
def dose() -> None:
    """Dose finding; STUDY/NAME is such as dose-demo/irinotecan."""


@dose.command("simulate")
@click.argument("place", metavar="STUDY/NAME")
@click.option(
    "--scenario",
    "scenarios",
    type=chances,
    multiple=True,
    required=True,
    metavar="CHANCES",
    help="True chance of a DLT at each level; again for another scenario.",
)
@click.option(
    "--met",
    type=chances,
    default="",
    metavar="CHANCES",
    help="Chance to meet the second condition.",
)
@click.option("--trials", default=1000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--every", default=14.0, show_default=True, help="Days from one person to the next.")
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0))
@click.option("--json", "as_json", is_flag=True, help="For programs: one object a scenario.")
def simulate_command(
    place: str,
    scenarios: tuple[tuple[float, ...], ...],
    *,
    met: tuple[float, ...],
    trials: int,
    every: float,
    seed: int,
    as_json: bool,
) -> None:
    """Simulate many trials in which each level's probability of a DLT is known."""
    part = _part(use_installation(), place)
    design = make_dose_design(part)
    told = []
    for dlt_chances in scenarios:
        try:
            scenario = Scenario(dlt_chances, met, every, part.window_days)
            told.append((scenario, simulate(design, scenario, trials, seed)))
        except StateProblem as problem:
            raise Refused(str(problem)) from problem
    if as_json:
        click.echo(json.dumps([_plain(design, *each) for each in told], indent=1))
        return
    for scenario, found in told:
        _print(design, scenario, found)


def _part(services: Services, place: str) -> DoseFinding:
    slug, _, name = place.partition("/")
    with services.database.reading() as connection:
        study = studies.get_definition(connection, studies.get_version_in_force(connection, slug))
    found = {part.name: part for part in study.dose_finding}.get(name)
    if found is None:
        raise NotFound(f"The study {slug} has no dose finding {name!r}.")
    return found


def _plain(design: DoseDesign, scenario: Scenario, found: Characteristics) -> dict[str, object]:
    """Return one scenario as plain values for JSON; lists are by level, the lowest first."""
    return {
        "method": design.method,
        "levels": list(design.levels),
        "scenario": asdict(scenario),
        **asdict(found),
        "people_in_all": found.people_in_all,
        "dlts_in_all": found.dlts_in_all,
    }


def _print(design: DoseDesign, scenario: Scenario, found: Characteristics) -> None:
    click.echo(f"{found.trials} trials of {design.method.replace('_', ' ')}")
    click.echo(f"{'level':<10}{'chance of DLT':>15}{'selected':>12}{'people':>9}{'DLTs':>8}")
    rows = zip(design.levels, scenario.dlt, found.selected, found.people, found.dlts, strict=True)
    for name, chance, share, people, dlts in rows:
        click.echo(f"{name:<10}{chance:>15.3f}{share:>12.1%}{people:>9.2f}{dlts:>8.2f}")
    click.echo(f"{'none':<10}{'':>15}{found.stopped:>12.1%}")
    if found.committee:
        click.echo(f"{'committee':<10}{'':>15}{found.committee:>12.1%}")
    click.echo(f"{'in all':<37}{found.people_in_all:>9.2f}{found.dlts_in_all:>8.2f}\n")
