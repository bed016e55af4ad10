"""Simulates designs before they come into force: the concealed ones, and others to compare.

Designs are decrypted here, keys never, so a simulated arm tells nothing about a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.problems import InvalidInput, NotFound
from capture.randomisation import reads
from capture.randomisation.designs.service.designs import arms_of, make_design, parse_design
from forms.definition import Randomisation, Study
from randomiser import METHODS, Design
from randomiser.simulation.advice import Trial
from randomiser.simulation.population import PopulationProblem
from randomiser.simulation.report import Report, report_on

MOST_TRIALS = 100_000
MOST_PEOPLE = 10_000
MOST_ALLOCATIONS = 30_000_000
LONGEST_NUMBER = 9
SIMULATED = [name for name, method in METHODS.items() if not method.takes_list]
"""The methods that can be simulated; the arms of an uploaded list are fixed."""
IN_FORCE = {"entered": "waits for activation", "active": "active"}


@dataclass(frozen=True)
class NamedDesign:
    """A design and its name in a comparison. is_waiting: not activated yet."""

    name: str
    design: Design
    is_waiting: bool = False


def refuse_unknown(study: Study, name: str) -> None:
    """Raise NotFound for a randomisation that the study does not have."""
    if name not in {randomisation.name for randomisation in study.randomisations}:
        raise NotFound(f"The study {study.slug} has no randomisation {name!r}.")


def list_concealed_designs(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> list[NamedDesign]:
    """List the waiting and active designs; for the unblinded statistician alone.

    Uploaded lists are left out: their arms are fixed, and no one may see them in advance.
    """
    if METHODS[study.randomisation(name).method].takes_list:
        return []
    found = [
        NamedDesign(
            f"Version {version.number} ({IN_FORCE[version.state]})",
            reads.get_design(connection, concealment, study.slug, version.id),
            version.state == "entered",
        )
        for version in reads.list_design_versions(connection, study.slug, name)
        if version.state in IN_FORCE
    ]
    return [named for named in found if not named.design.method.takes_list]


def get_design_to_compare(study: Study, name: str, text: str) -> Design:
    """Read a design file that may also name another method, and other factors of the study.

    An adaptive method balances all factors of the randomisation unless `minimised` names some; any
    other method has all of them as strata unless `strata` names some.
    Raises InvalidInput with every problem.
    """
    content = parse_design(text)
    randomisation = study.randomisation(name)
    if isinstance(content, Mapping):
        method = str(content.get("method", randomisation.method))
        if method not in SIMULATED:
            words = f"The method {method!r} cannot be simulated; choose {' or '.join(SIMULATED)}."
            raise InvalidInput("design", words)
        randomisation = _with_factors(randomisation, method, content)
        content = {key: content[key] for key in content if key not in OF_STUDY}
    study = study.model_copy(update={"randomisations": (randomisation,)})
    return make_design(study, name, 1, content)


OF_STUDY = {"method", "strata", "minimised"}
"""Keys that a design to compare with may have besides the parameters of a design file."""


def _with_factors(
    randomisation: Randomisation, method: str, content: Mapping[object, object]
) -> Randomisation:
    every = {factor.factor: factor for factor in randomisation.factors}
    default: dict[str, list[str]] = {
        "strata": [factor.factor for factor in randomisation.strata],
        "minimised": [factor.factor for factor in randomisation.minimisation_factors],
    }
    is_adaptive = METHODS[method].is_adaptive
    if is_adaptive != METHODS[randomisation.method].is_adaptive:
        own, other = ("minimised", "strata") if is_adaptive else ("strata", "minimised")
        elsewhere = content.get(other)
        taken = elsewhere if isinstance(elsewhere, list) else []
        default = {other: [], own: [name for name in every if name not in taken]}
    chosen: dict[str, Any] = {key: content.get(key, default[key]) for key in default}
    for key, names in chosen.items():
        if not isinstance(names, list) or not set(map(str, names)) <= set(every):
            known = ", ".join(every) or "none"
            raise InvalidInput("design", f"{key}: list factors of the study; it has {known}.")
    return randomisation.model_copy(
        update={
            "method": method,
            "strata": tuple(every[str(name)] for name in chosen["strata"]),
            "minimisation_factors": tuple(every[str(name)] for name in chosen["minimised"]),
        }
    )


def make_offered_text(study: Study, name: str) -> str:
    """Return a design file to start from: blocks of 4 and 6 for two equal arms, else an example.

    Empty for a randomisation with an uploaded list.
    """
    randomisation = study.randomisation(name)
    method = METHODS[randomisation.method]
    if method.takes_list:
        return ""
    content = method.offered_file(arms_of(randomisation))
    return "\n".join(f"{parameter}: {value}" for parameter, value in content.items())


def read_whole_number(field: str, text: str, most: int) -> int:
    """Read a whole number from 1 to the largest allowed. Raises InvalidInput at the field."""
    typed = text.strip()
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER
    if not is_number or not 1 <= int(typed) <= most:
        raise InvalidInput(field, f"Give a whole number from 1 to {most:,}.")
    return int(typed)


def make_reports(
    designs: Sequence[NamedDesign], trial: Trial, *, trials: int, seed: int
) -> Iterator[tuple[NamedDesign, Report]]:
    """Simulate each design. Raises InvalidInput for impossible or too many participants."""
    if trials * trial.people > MOST_ALLOCATIONS:
        most = MOST_ALLOCATIONS // trial.people
        raise InvalidInput("trials", f"With {trial.people:,} people give at most {most:,} trials.")
    for design in designs:
        try:
            yield design, report_on(design.design, trial, trials=trials, seed=seed)
        except PopulationProblem as problem:
            raise InvalidInput("sites", str(problem)) from problem
