"""The command that simulates designs before they come into force."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from capture.access import Action
from capture.accounts.password_prompt import authenticate_at_prompt
from capture.installation import Services, use_installation
from capture.problems import NotAllowed, Refused
from capture.randomisation.designs.service import design_simulation, recruitment_assumptions
from capture.randomisation.designs.service.design_simulation import NamedDesign
from capture.randomisation.designs.service.designs import parse_design
from capture.randomisation.designs.simulation_labels import FIGURES, figures_of
from capture.study import reads as study_reads
from forms.definition import Study
from randomiser.simulation.report import Report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True)
class _SimulationRequest:
    """The arguments of the command line."""

    name: str
    email: str | None
    design: Path | None
    compare: Sequence[Path]
    people: Path | None


@click.command("simulate")
@click.argument("place", metavar="STUDY/NAME")
@click.option("--trials", default=1000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--participants", required=True, type=click.IntRange(1, 10_000))
@click.option("--as", "email", metavar="EMAIL", help="Who may see the concealed design; password.")
@click.option("--design", type=FILE, help="A design file instead of the concealed design.")
@click.option("--compare", type=FILE, multiple=True, help="Design files to compare with.")
@click.option("--people", type=FILE, help="YAML: sites and levels with whole-number shares.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**32))
@click.option("--json", "as_json", is_flag=True, help="Everything, as JSON.")
def simulate(
    *,
    place: str,
    trials: int,
    participants: int,
    email: str | None,
    design: Path | None,
    compare: Sequence[Path],
    people: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Report how balanced and how predictable a design is, over many simulated trials.

    Without --people the sites have the sizes of their targets (or n, n-1, … 1), and all levels of
    a factor are equally likely. Nothing is stored, and no list is read.
    """
    services = use_installation()
    slug, _, name = place.partition("/")
    study = get_study(services, slug, name)
    asked = _SimulationRequest(name, email, design, compare, people)
    designs = _designs(services, study, asked)
    with services.database.reading() as connection:
        sites = study_reads.list_all_sites(connection, study.slug)
    expected = recruitment_assumptions.make_default_assumptions(study, sites, name)
    if people is not None:
        expected = recruitment_assumptions.read_assumptions(parse_design(text_of(people)), expected)
    trial = recruitment_assumptions.trial_of(study, sites, name, expected, participants)
    found = list(design_simulation.make_reports(designs, trial, trials=trials, seed=seed))
    if as_json:
        click.echo(json.dumps(_plain(expected, found), ensure_ascii=False, indent=2))
    else:
        _table(found)


def get_study(services: Services, slug: str, name: str) -> Study:
    with services.database.reading() as connection:
        study = study_reads.get_definition_for(connection, slug)
    design_simulation.refuse_unknown(study, name)
    return study


def _designs(services: Services, study: Study, asked: _SimulationRequest) -> list[NamedDesign]:
    """Return the designs to simulate; the concealed ones only for a user who may see them."""
    found: list[NamedDesign] = []
    if asked.design is not None:
        found.append(_read(study, asked.name, asked.design))
    else:
        refuse_who_may_not_see(services, study, asked.email)
        with services.database.reading() as connection:
            found += design_simulation.list_concealed_designs(
                connection, services.concealment, study, asked.name
            )
        if not found:
            raise Refused("No design is waiting for activation or active. Give one with --design.")
    return found + [_read(study, asked.name, file) for file in asked.compare]


def refuse_who_may_not_see(services: Services, study: Study, email: str | None) -> None:
    """Ask for the password of a user who may see concealed designs. Raises NotAllowed, Refused."""
    if email is None:
        raise Refused("Say with --as who may see the concealed design, or give one with --design.")
    if not authenticate_at_prompt(services, email).may(Action.LIST_STATE_VIEW, study.slug):
        raise NotAllowed("Only the unblinded statistician sees the concealed design.")


def _read(study: Study, name: str, file: Path) -> NamedDesign:
    return NamedDesign(
        file.name, design_simulation.get_design_to_compare(study, name, text_of(file))
    )


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise click.ClickException(f"{file} is no text.") from problem


def _plain(
    expected: recruitment_assumptions.RecruitmentAssumptions,
    found: Sequence[tuple[NamedDesign, Report]],
) -> dict[str, object]:
    return {
        "sites": dict(expected.sites),
        "levels": {name: dict(shares) for name, shares in expected.levels.items()},
        "designs": [{"name": named.name, **report.as_plain()} for named, report in found],
    }


def _table(found: Sequence[tuple[NamedDesign, Report]]) -> None:
    columns = [figures_of(report) for _, report in found]
    width = max(map(len, FIGURES)) + 2
    names = [named.name for named, _ in found]
    wide = 2 + max(len(text) for texts in (names, *columns) for text in texts)
    click.echo(" " * width + "".join(f"{name:<{wide}}" for name in names).rstrip())
    for row, words in enumerate(FIGURES):
        cells = "".join(f"{column[row]:<{wide}}" for column in columns)
        click.echo(f"{words:<{width}}{cells}".rstrip())
    for named, report in found:
        for words in report.warnings:
            click.echo(f"\n{named.name}: {words}")
