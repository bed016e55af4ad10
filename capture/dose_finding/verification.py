"""Verifies dose finding: numbers without gaps, and each recommendation calculated again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import sqlalchemy as sa

from capture.dose_finding import reads
from capture.dose_finding.tables import dose_decision, dose_slot
from capture.ledger.concealment import Concealment
from capture.ledger.verify import STUDY_CHECKS
from capture.study import reads as studies
from capture.study.dose_designs import make_dose_design
from randomiser import RandomiserProblem
from randomiser.dose_finding import Choice, recommend, why_bolder


def check_doses(connection: sa.Connection, _concealment: Concealment, study: str) -> Iterator[str]:
    """Yield a sentence for each gap in numbers and each decision that its counts do not allow."""
    tables = (dose_slot, dose_decision)
    names = {
        name
        for table in tables
        for name in connection.execute(
            sa.select(table.c.part).where(table.c.study == study).distinct()
        ).scalars()
    }
    for name in sorted(names):
        place = f"dose {study}/{name}"
        slots = reads.list_slots(connection, study, name)
        yield from _find_gaps(f"{place}: registration", [slot.number for slot in slots])
        made = reads.list_decisions(connection, study, name)
        yield from _find_gaps(f"{place}: decision", [decision.number for decision in made])
        for decision in made:
            words = partial(f"{place}: decision {decision.number} {{}}".format)
            yield from map(words, _decision_findings(connection, study, decision))


def _find_gaps(what: str, numbers: Sequence[int]) -> Iterator[str]:
    if list(numbers) != list(range(1, len(numbers) + 1)):
        yield f"{what} numbers do not run from 1 without a gap"


def _decision_findings(
    connection: sa.Connection, study: str, decision: reads.Decision
) -> Iterator[str]:
    published = studies.get_version(connection, study, decision.study_version)
    part = studies.get_definition(connection, published).dose_part(decision.part)
    design = make_dose_design(part)
    try:
        state = reads.make_state(decision.state)
        advised = recommend(design, state)
    except (RandomiserProblem, KeyError, TypeError, ValueError):
        yield "rests on counts that cannot be"
        return
    named = None if advised.level is None else design.levels[advised.level]
    if (decision.advised.get("act"), decision.advised.get("level")) != (advised.act.value, named):
        yield f"says {decision.advised.get('act')} was recommended; its counts give {advised.act}"
    level = design.levels.index(decision.level) if decision.level in design.levels else None
    bolder = why_bolder(design, state, advised, Choice(decision.choice), level)
    if bolder is not None:
        yield f"is bolder than its counts allow: {bolder}"


STUDY_CHECKS.append(check_doses)
