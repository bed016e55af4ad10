"""The command that tests a trial's difference against re-randomisations by its own design."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from capture.installation import Services, use_installation
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from capture.randomisation.designs.service.design_dry_run import refuse_uploaded
from capture.randomisation.designs.service.design_simulation import get_design_to_compare
from capture.randomisation.designs.simulate_cli import (
    FILE,
    get_study,
    refuse_who_may_not_see,
    text_of,
)
from randomiser import Design, Event, UnknownLevel
from randomiser.simulation.population import PopulationProblem
from randomiser.simulation.rerandomisation import (
    Observed,
    Tested,
    rerandomise,
    rerandomise_history,
)

NUMBER, ARM, STRATUM = "allocation_number", "arm", "stratum_"


@click.command("rerandomise")
@click.argument("place", metavar="STUDY/NAME")
@click.argument("file", type=FILE)
@click.option("--outcome", required=True, metavar="COLUMN", help="The column with the outcome.")
@click.option("--as", "email", metavar="EMAIL", help="Who may see the concealed design; password.")
@click.option("--design", type=FILE, help="A design file instead of the trial's own history.")
@click.option("--draws", default=9_999, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**32))
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def rerandomise_command(
    *,
    place: str,
    file: Path,
    outcome: str,
    email: str | None,
    design: Path | None,
    draws: int,
    seed: int,
    as_json: bool,
) -> None:
    """Test a difference in means against the differences that the allocation alone can produce.

    FILE is a CSV with the columns allocation_number and arm of the dataset `participants`, with
    --design also stratum_…, and the outcome as numbers; a participant without an outcome counts
    for the allocation alone. Without --design the trial's own history and design versions are used.
    """
    services = use_installation()
    slug, _, name = place.partition("/")
    study = get_study(services, slug, name)
    rows = _rows(file, name)
    try:
        if design is not None:
            used = get_design_to_compare(study, name, text_of(design))
            people = list(_people(used, rows, outcome))
            done = rerandomise(used, people, draws=draws, seed=seed)
        else:
            refuse_who_may_not_see(services, study, email)
            designs, events = _history(services, slug, name)
            outcomes = dict(_outcomes(events, rows, outcome))
            done = rerandomise_history(designs, events, outcomes, draws=draws, seed=seed)
    except (PopulationProblem, UnknownLevel) as problem:
        raise InvalidInput("file", str(problem)) from problem
    click.echo(json.dumps(_plain(done), indent=2) if as_json else _words(done))


def _history(
    services: Services, study: str, name: str
) -> tuple[Mapping[int, Design], Sequence[Event]]:
    """Return the design versions that the trial's allocations were made with, and its history."""
    with services.database.reading() as connection:
        events = reads.list_history(connection, study, name)
        used = {event.design_version for event in events if event.arm is not None}
        designs = {
            version.number: reads.get_design(connection, services.concealment, study, version.id)
            for version in reads.list_design_versions(connection, study, name)
            if version.number in used
        }
    if not designs:
        raise Refused("No participant has been randomised yet.")
    for design in designs.values():
        refuse_uploaded(design)
    return designs, events


def _outcomes(
    events: Sequence[Event], rows: Sequence[Mapping[str, str]], outcome: str
) -> Iterator[tuple[int, float]]:
    """Yield outcomes by study-wide number. Raises Refused for a file that differs from history."""
    _refuse_missing_columns(rows[0], (ARM, outcome))
    arms = {event.number: event.arm for event in events if event.arm is not None}
    numbers = [int(row[NUMBER]) for row in rows]
    if twice := [number for number, times in Counter(numbers).items() if times > 1]:
        raise Refused(f"The file has the {NUMBER} {twice[0]} more than once.")
    for number, row in zip(numbers, rows, strict=True):
        if arms.get(number) != row[ARM]:
            raise Refused(
                f"The file has the arm {row[ARM]!r} for number {number}, which "
                "is not an allocation of the trial. Export the dataset `participants` again."
            )
        value = _number(row, outcome)
        if value is not None:
            yield number, value


def _rows(file: Path, name: str) -> list[Mapping[str, str]]:
    """Return the rows of the participants allocated in this randomisation, by number."""
    rows = [
        row
        for row in csv.DictReader(text_of(file).splitlines())
        if row.get("randomisation", name) == name and row.get(NUMBER)
    ]
    if not rows:
        raise Refused(f"No row of {file.name} has an {NUMBER}; it is a column of `participants`.")
    wrong = [row[NUMBER] for row in rows if not row[NUMBER].isascii() or not row[NUMBER].isdigit()]
    if wrong:
        raise Refused(f"The {NUMBER} {wrong[0]!r} is no whole number.")
    return sorted(rows, key=lambda row: int(row[NUMBER]))


def _people(design: Design, rows: list[Mapping[str, str]], outcome: str) -> Iterator[Observed]:
    factors = [factor.name for factor in (*design.factors, *design.minimised)]
    _refuse_missing_columns(rows[0], (ARM, outcome, *(f"{STRATUM}{name}" for name in factors)))
    for row in rows:
        levels = {name: row[f"{STRATUM}{name}"] for name in factors}
        yield Observed(levels, row[ARM], _number(row, outcome))


def _refuse_missing_columns(row: Mapping[str, str], columns: Iterable[str]) -> None:
    for column in columns:
        if column not in row:
            raise Refused(f"The file has no column {column!r}.")


def _number(row: Mapping[str, str], outcome: str) -> float | None:
    text = (row[outcome] or "").strip()
    try:
        return float(text) if text else None
    except ValueError as problem:
        words = f"Number {row[NUMBER]}: the outcome {text!r} is no number."
        raise Refused(words) from problem


def _plain(done: Tested) -> dict[str, object]:
    exact = None if done.exact is None else str(done.exact)
    return {
        "difference": done.statistic,
        "p": done.p,
        "p_exact": exact,
        "courses": done.courses,
    }


def _words(done: Tested) -> str:
    how = "drawn" if done.exact is None else "all there are"
    return (
        f"Largest difference between the arms' means: {done.statistic:.6g}\n"
        f"p = {done.p:.6g} over {done.courses:,} courses of the allocation ({how})"
    )
