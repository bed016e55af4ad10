"""The cohort of a participant, evaluated in three-valued logic on evidence alone."""

from __future__ import annotations

from dataclasses import dataclass

from forms.definition import Cohort, Study
from forms.eligibility import Result, Source, ValueSeen, judge, show_value_used, sources
from forms.evaluation_scope import StudyScope
from forms.expressions import Mode


@dataclass(frozen=True, slots=True)
class CohortVerdict:
    """Whether a participant belongs to one cohort, and the values this depends on."""

    cohort: Cohort
    result: Result
    sources: tuple[Source, ...]
    values: tuple[ValueSeen, ...]


@dataclass(frozen=True, slots=True)
class CohortMembership:
    """All cohorts of a study evaluated for one participant."""

    verdicts: tuple[CohortVerdict, ...]

    @property
    def found(self) -> CohortVerdict | None:
        """The only cohort that applies; None when none applies or another one may apply too."""
        held = self._with(Result.MET)
        return held[0] if len(held) == 1 and not self._with(Result.UNKNOWN) else None

    @property
    def holding(self) -> tuple[CohortVerdict, ...]:
        """The cohorts that apply; two if the study's conditions overlap."""
        return self._with(Result.MET)

    @property
    def unknown(self) -> tuple[Source, ...]:
        """The missing values that leave a cohort unknown, each once."""
        blank = {
            source.name: source
            for cohort in self._with(Result.UNKNOWN)
            for source in cohort.sources
            if not source.is_known
        }
        return tuple(blank.values())

    def of(self, cohort: str) -> CohortVerdict:
        """Return the verdict on a cohort of the study."""
        return next(verdict for verdict in self.verdicts if verdict.cohort.name == cohort)

    def _with(self, result: Result) -> tuple[CohortVerdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.result is result)


def belonging(study: Study, scope: StudyScope) -> CohortMembership:
    """Return the evaluation of every cohort of the study; an unknown cohort is never chosen."""
    known = scope.in_mode(Mode.KLEENE)
    return CohortMembership(tuple(_judge(cohort, known) for cohort in study.cohorts))


def _judge(cohort: Cohort, scope: StudyScope) -> CohortVerdict:
    return CohortVerdict(
        cohort=cohort,
        result=judge(cohort.when, scope),
        sources=sources(cohort.when, scope),
        values=tuple(show_value_used(value, scope) for value in cohort.evidence.values),
    )
