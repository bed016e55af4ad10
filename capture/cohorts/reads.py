"""What a cohort rests on for one participant: the one that holds, its gate, what is in the way."""

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
    """The cohort recorded for a participant, with its date and where it is documented."""
    facts = list_events(connection, participant)
    return next((fact for fact in facts if fact.kind == event_kinds.COHORT), None)


@dataclass(frozen=True)
class CohortCase:
    """Everything looked at before a cohort is recorded or corrected."""

    dossier: Casebook
    scope: StudyScope
    belonging: CohortMembership
    recorded: ParticipantEvent | None

    @property
    def study(self) -> Study:
        return self.dossier.study

    @property
    def found(self) -> CohortVerdict | None:
        """The only cohort that holds now."""
        return self.belonging.found

    @property
    def fits(self) -> bool:
        """Whether the recorded cohort is the one that holds."""
        recorded, found = self.recorded, self.found
        return recorded is not None and found is not None and recorded.value == found.cohort.name

    def judged(self, cohort: Cohort) -> GateResult:
        """The gate of a cohort; of one without a gate nothing is asked."""
        if cohort.gate is None:
            return self.nothing_judged
        return GateResult(self.dossier, assess(self.study.gate(cohort.gate), self.scope))

    @property
    def nothing_judged(self) -> GateResult:
        """The same participant without a gate."""
        return GateResult(self.dossier, GateVerdict("", ()))

    @cached_property
    def content_hash(self) -> str:
        """What the page was looked at for: the cohort that holds and every value behind it."""
        found = self.found
        if found is None:
            return digest([])
        judged = self.judged(found.cohort)
        behind = judged.values_behind(found.sources)
        return digest([found.cohort.name, [*behind], judged.criteria_content])

    def record_of(self, verdict: CohortVerdict) -> dict[str, Any]:
        """What a cohort rested on, as it is stored with the act."""
        judged = self.judged(verdict.cohort)
        return {
            "gate": judged.gate_record,
            "rests_on": {
                "values": [f"{seen.label}: {seen.shown}" for seen in verdict.values],
                "sources": judged.sources_record(verdict.sources),
            },
        }

    def why_none(self) -> Iterator[str]:
        """Why no cohort can be recorded, as sentences; nothing where one is found."""
        if self.found is not None:
            return
        holding = [f"“{one.cohort.title}”" for one in self.belonging.holding]
        if len(holding) > 1:
            yield f"{' and '.join(holding)} both fit. Tell the trial manager."
        elif self.belonging.unknown:
            named = self.nothing_judged.blank_words(self.belonging.unknown)
            yield f"Cohort cannot be determined yet: {named}."
        else:
            yield "The data in the forms do not fit any cohort of this study."


def get_cohort_case(connection: sa.Connection, study: Study, participant: str) -> CohortCase:
    """Judge every cohort of the study for a participant, now. The caller checked the scope."""
    known = get_casebook(connection, study, participant)
    scope = known.scope(clock.now())
    return CohortCase(
        dossier=known,
        scope=scope,
        belonging=belonging(study, scope),
        recorded=find_recorded_cohort(connection, participant),
    )
