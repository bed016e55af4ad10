"""Proofs of a study: what the models alone cannot see, checked before anything is published."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forms.definition import Study
from forms.formulas import StudyNames
from forms.nodes import Node
from forms.problems import Problem
from forms.proofs.blinding import prove_blinding
from forms.proofs.cohorts import prove_cohorts
from forms.proofs.dose_finding import prove_dose_finding
from forms.proofs.formulas import prove_formulas
from forms.proofs.gates import prove_gates
from forms.proofs.ground import Ground
from forms.proofs.items import prove_items
from forms.proofs.names import prove_names
from forms.proofs.randomisations import prove_randomisations
from forms.proofs.visits import prove_visits


def prove(
    study: Study, root: Node, further: Iterable[Callable[[Ground], None]] = ()
) -> list[Problem]:
    """Give every problem of a study that the models accepted, at the lines of its tree.

    further: proofs of the caller's own, made on the same ground.
    """
    ground = Ground(study, root, StudyNames(study))
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
