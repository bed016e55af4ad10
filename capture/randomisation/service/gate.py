"""What stands between a participant and a draw: site, consent, gate, strata, confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture import clock
from capture.entry.reads import Dossier, dossier
from capture.ledger.canonical import digest
from capture.problems import Refused, Stale
from capture.randomisation import reads
from capture.study.reads import approved_versions
from capture.study.reads import site as site_of
from forms.definition import Randomisation, Study
from forms.eligibility import GateVerdict, Result, Source, Stratum, assess, stratum
from forms.scopes import StudyScope


@dataclass(frozen=True)
class Readiness:
    """Everything looked at before a draw, and what stands in its way, in words."""

    study: Study
    randomisation: Randomisation
    dossier: Dossier
    verdict: GateVerdict
    stratum: Stratum
    obstacles: tuple[str, ...]
    """What must be settled first (site, consent, halted, no design), the gate and strata apart."""

    @property
    def content_hash(self) -> str:
        """What a confirmation is bound to: every criterion's result and values, every level."""
        return digest(
            [
                [
                    [one.name, one.result.value, *(source.shown for source in one.sources)]
                    for one in self.verdict.criteria
                ],
                [[factor, level] for factor, level in sorted(self.stratum.levels.items())],
            ]
        )

    @property
    def gate_record(self) -> list[dict[str, Any]]:
        """The gate as it is stored with the allocation: result, values used, their sources."""
        return [
            {
                "criterion": one.name,
                "result": one.result.value,
                "values": [f"{seen.label}: {seen.shown}" for seen in one.values],
                "sources": [self._source(source) for source in one.sources],
            }
            for one in self.verdict.criteria
        ]

    def _source(self, source: Source) -> dict[str, Any]:
        entry = self.dossier.entry(source.place) if source.place else None
        where = (
            {"entry": entry.id, "version": entry.version, "study_version": entry.study_version}
            if entry
            else {}
        )
        return {"item": source.name, "shown": source.shown, **where}

    def refuse_unless_eligible(self) -> None:
        """Raises Refused naming every unmet criterion and every blank."""
        self._refuse(self._gate_words())

    def refuse_unless_ready(self) -> None:
        """Raises Refused naming every obstacle, unmet criterion and blank."""
        self._refuse([*self.obstacles, *self._gate_words()])

    def refuse_unless_seen(self, seen: str) -> None:
        """Raises Stale when the values are not those whose content hash somebody looked at."""
        if seen != self.content_hash:
            raise Stale("A value has changed since you opened this page. Look at it again.")

    def _refuse(self, words: Sequence[str]) -> None:
        if words:
            raise Refused(" ".join(_sentence(word) for word in words))

    def _gate_words(self) -> list[str]:
        words = []
        for one in self.verdict.criteria:
            if one.result is Result.NOT_MET:
                words.append(f"Not eligible: {one.wording}")
            elif one.result is Result.UNKNOWN:
                words.append(f"Not known yet: {one.wording} ({blanks(self.study, one.blanks)})")
        return words + [
            f"Not known yet: {factor.label} ({blanks(self.study, factor.sources)})"
            for factor in self.stratum.blanks
        ]


def blanks(study: Study, sources: Sequence[Source]) -> str:
    """The blank values in the words of their labels, with the instrument that asks them."""
    named = [
        f"“{source.label}”"
        + (f" in {study.instrument(source.place.instrument).title}" if source.place else "")
        for source in sources
        if not source.is_known
    ]
    return "fill in " + ", ".join(named) if named else "it cannot be worked out"


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."


def readiness(connection: sa.Connection, study: Study, participant: str, name: str) -> Readiness:
    """Look at everything a draw depends on, now. The caller has checked that the actor may."""
    randomisation = study.randomisation(name)
    known = dossier(connection, study, participant)
    scope = known.scope(clock.now())
    return Readiness(
        study=study,
        randomisation=randomisation,
        dossier=known,
        verdict=assess(study.gate(randomisation.gate), scope),
        stratum=stratum(randomisation, scope),
        obstacles=tuple(_obstacles(connection, known, randomisation, scope)),
    )


def _obstacles(
    connection: sa.Connection, known: Dossier, randomisation: Randomisation, scope: StudyScope
) -> list[str]:
    study, today = known.study.slug, scope.today()
    words = []
    if known.status != "enrolled":
        words.append("The participant is not enrolled yet.")
    if not site_of(connection, study, known.site).is_open(today):
        words.append("The site is not open today.")
    if scope.context("consent.in_force", (randomisation.consent, today)) is not True:
        words.append("Consent is not in force.")
    elif not _approved(connection, known, randomisation.consent, today):
        words.append("Consent was given in a version that this site has not approved.")
    words += [
        f"{title}." for kind, title in _ENDED.items() if any(f.kind == kind for f in known.facts)
    ]
    if reads.open_halt(connection, study, randomisation.name):
        words.append(
            "Randomisation is halted after a restore until two people reconcile it. "
            "Tell the trial manager."
        )
    elif reads.active_version(connection, study, randomisation.name) is None:
        words.append("Randomisation has not been activated. Tell the trial manager.")
    return words


_ENDED = {
    "death": "The participant has died",
    "treatment_withdrawal": "The participant has withdrawn from treatment",
    "data_withdrawal": "The participant has withdrawn the use of data",
    "followup_withdrawal": "The participant has withdrawn from follow-up",
}


def _approved(connection: sa.Connection, known: Dossier, scope: str, today: str) -> bool:
    last = [event for event in known.consents if event.scope == scope and event.date <= today][-1]
    versions = approved_versions(connection, known.study.slug, known.site, scope, last.date)
    return last.version in versions
