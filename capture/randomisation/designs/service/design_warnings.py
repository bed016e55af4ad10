"""Warnings about the waiting design under the default recruitment assumptions."""

from __future__ import annotations

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.problems import InvalidInput
from capture.randomisation.designs.service import design_simulation, recruitment_assumptions
from capture.study import reads as study_reads
from forms.definition import Study
from randomiser.simulation.advice import departure_of, warnings
from randomiser.simulation.population import PopulationProblem


def list_design_warnings(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> list[str]:
    """List the warnings of the design screen about the waiting design, without simulated trials.

    Empty without a waiting design or without warnings, and where a site lacks an attribute that a
    factor is read from: the design screen reports that. For the unblinded statistician alone.
    """
    found = design_simulation.list_concealed_designs(connection, concealment, study, name)
    waiting = [named.design for named in found if named.is_waiting]
    if not waiting:
        return []
    sites, people = (
        study_reads.list_all_sites(connection, study.slug),
        recruitment_assumptions.count_to_recruit(study),
    )
    expected = recruitment_assumptions.make_default_assumptions(study, sites, name)
    try:
        trial = recruitment_assumptions.trial_of(study, sites, name, expected, people)
        return [
            words
            for design in waiting
            for words in warnings(design, trial, departure_of(design, trial.population)[0])
        ]
    except (InvalidInput, PopulationProblem):
        return []
