"""The evidence for a participant's cohort: the cohort that fits, its gate, the obstacles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from capture import clock
from capture.entry.reads import Casebook, GateResult, get_casebook
from capture.ledger.canonical import digest
from capture.participants import event_kinds
from capture.participants.reads import list_events
from capture.participants.records import ParticipantEvent
from forms.cohorts import CohortMembership, CohortVerdict, belonging
from forms.definition import Cohort, Study
from forms.eligibility import GateVerdict, assess
from forms.evaluation_scope import StudyScope


def find_recorded_cohort(connection: sa.Connection, participant: str) -> ParticipantEvent | None:
    """Return the recorded cohort of a participant, with its date and source document."""
    facts = list_events(connection, participant)
    return next((fact for fact in facts if fact.kind == event_kinds.COHORT), None)


@dataclass(frozen=True)
class CohortCase:
    """Everything that is evaluated before a cohort is recorded or corrected."""

    casebook: Casebook
    scope: StudyScope
    membership: CohortMembership
    recorded: ParticipantEvent | None

    @property
    def study(self) -> Study:
        return self.casebook.study

    @property
    def verdict(self) -> CohortVerdict | None:
        """The verdict of the only cohort that fits now."""
        return self.membership.found

    @property
    def fits(self) -> bool:
        """Whether the recorded cohort is the one that holds."""
        recorded, found = self.recorded, self.verdict
        return recorded is not None and found is not None and recorded.value == found.cohort.name

    def evaluate_gate(self, cohort: Cohort) -> GateResult:
        """Evaluate the gate of a cohort; without a gate there are no criteria."""
        if cohort.gate is None:
            return self.no_gate
        return GateResult(self.casebook, assess(self.study.gate(cohort.gate), self.scope))

    @property
    def no_gate(self) -> GateResult:
        """The same participant without a gate."""
        return GateResult(self.casebook, GateVerdict("", ()))

    @cached_property
    def content_hash(self) -> str:
        """What the page was looked at for: the cohort that holds and every value behind it."""
        found = self.verdict
        if found is None:
            return digest([])
        gate = self.evaluate_gate(found.cohort)
        behind = gate.values_behind(found.sources)
        return digest([found.cohort.name, [*behind], gate.criteria_content])

    def make_record(self, verdict: CohortVerdict) -> dict[str, Any]:
        """Return the evidence of a cohort, as it is stored with the action."""
        gate = self.evaluate_gate(verdict.cohort)
        return {
            "gate": gate.gate_record,
            "rests_on": {
                "values": [f"{value.label}: {value.shown}" for value in verdict.values],
                "sources": gate.sources_record(verdict.sources),
            },
        }

    def list_obstacles(self) -> Iterator[str]:
        """Yield the reasons why no cohort can be recorded, as sentences; none where one fits."""
        if self.verdict is not None:
            return
        holding = [f"“{verdict.cohort.title}”" for verdict in self.membership.holding]
        if len(holding) > 1:
            yield f"{' and '.join(holding)} both fit. Tell the trial manager."
        elif self.membership.unknown:
            named = self.no_gate.blank_words(self.membership.unknown)
            yield f"Cohort cannot be determined yet: {named}."
        else:
            yield "The data in the forms do not fit any cohort of this study."


def get_cohort_case(connection: sa.Connection, study: Study, participant: str) -> CohortCase:
    """Judge every cohort of the study for a participant, now. The caller checked the scope."""
    known = get_casebook(connection, study, participant)
    scope = known.scope(clock.now())
    return CohortCase(
        casebook=known,
        scope=scope,
        membership=belonging(study, scope),
        recorded=find_recorded_cohort(connection, participant),
    )
