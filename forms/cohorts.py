"""Which cohort somebody belongs to: judged in three-valued logic, on evidence alone."""

from __future__ import annotations

from dataclasses import dataclass

from forms.definition import Cohort, Study
from forms.eligibility import Result, Source, ValueSeen, judge, show_value_used, sources
from forms.evaluation_scope import StudyScope
from forms.expressions import Mode


@dataclass(frozen=True, slots=True)
class CohortVerdict:
    """Whether one cohort is somebody's, and what that rests on."""

    cohort: Cohort
    result: Result
    sources: tuple[Source, ...]
    values: tuple[ValueSeen, ...]


@dataclass(frozen=True, slots=True)
class CohortMembership:
    """Every cohort of a study judged for one person."""

    verdicts: tuple[CohortVerdict, ...]

    @property
    def found(self) -> CohortVerdict | None:
        """The only cohort that holds; None while another may hold too, or none does."""
        held = self._with(Result.MET)
        return held[0] if len(held) == 1 and not self._with(Result.UNKNOWN) else None

    @property
    def holding(self) -> tuple[CohortVerdict, ...]:
        """The cohorts that hold: two of them when the study does not set them apart."""
        return self._with(Result.MET)

    @property
    def unknown(self) -> tuple[Source, ...]:
        """The values that are not there and leave a cohort unknown, each once."""
        blank = {
            source.name: source
            for cohort in self._with(Result.UNKNOWN)
            for source in cohort.sources
            if not source.is_known
        }
        return tuple(blank.values())

    def of(self, cohort: str) -> CohortVerdict:
        """The verdict on a cohort of the study."""
        return next(verdict for verdict in self.verdicts if verdict.cohort.name == cohort)

    def _with(self, result: Result) -> tuple[CohortVerdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.result is result)


def belonging(study: Study, scope: StudyScope) -> CohortMembership:
    """Judge every cohort of the study; unknown picks none."""
    known = scope.in_mode(Mode.KLEENE)
    return CohortMembership(tuple(_judge(cohort, known) for cohort in study.cohorts))


def _judge(cohort: Cohort, scope: StudyScope) -> CohortVerdict:
    return CohortVerdict(
        cohort=cohort,
        result=judge(cohort.when, scope),
        sources=sources(cohort.when, scope),
        values=tuple(show_value_used(value, scope) for value in cohort.evidence.values),
    )
