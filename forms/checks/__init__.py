"""Checks of a whole study before it is published, beyond those of the models."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forms.checks.blinding import prove_blinding
from forms.checks.cohorts import prove_cohorts
from forms.checks.context import CheckContext
from forms.checks.dose_finding import prove_dose_finding
from forms.checks.formulas import prove_formulas
from forms.checks.gates import prove_gates
from forms.checks.items import prove_items
from forms.checks.names import prove_names
from forms.checks.randomisations import prove_randomisations
from forms.checks.visits import prove_visits
from forms.definition import Study
from forms.formulas import StudyNames
from forms.problems import Problem
from forms.yaml_tree import Node


def prove(
    study: Study, root: Node, further: Iterable[Callable[[CheckContext], None]] = ()
) -> list[Problem]:
    """Return all problems of a study that the models accepted, with the lines of its tree.

    further: more checks from the caller, run in the same context.
    """
    ground = CheckContext(study, root, StudyNames(study))
    prove_names(ground)
    prove_items(ground)
    prove_visits(ground)
    prove_formulas(ground)
    prove_gates(ground)
    prove_randomisations(ground)
    prove_cohorts(ground)
    prove_dose_finding(ground)
    prove_blinding(ground)
    for proof in further:
        proof(ground)
    return ground.problems
