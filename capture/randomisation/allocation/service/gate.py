"""The conditions of randomisation: site, consent, gate, strata, confirmation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import sqlalchemy as sa

from capture import clock
from capture.entry.reads import (
    Casebook,
    Consent,
    GateResult,
    get_casebook,
    get_casebook_of,
    list_casebooks,
    make_sentence,
)
from capture.ledger.canonical import digest
from capture.ledger.concealment import Concealment
from capture.participants.event_kinds import LOSS
from capture.participants.records import Participant
from capture.problems import Refused, Stale
from capture.randomisation import reads
from capture.study.reads import get_site as site_of
from capture.study.reads import list_approved_versions, read_all_approvals
from forms.definition import Randomisation, Study
from forms.eligibility import Source, Stratum, assess, stratum
from forms.evaluation_scope import StudyScope


class Kind(StrEnum):
    """The subject of an obstacle; enrolment and consent can be completed on the page before."""

    ENROLMENT = "enrolment"
    SITE = "site"
    CONSENT = "consent"
    ENDED = "ended"
    HALTED = "halted"
    DESIGN = "design"


@dataclass(frozen=True)
class Obstacle:
    """Something that forbids randomisation whatever the values are, as a sentence."""

    kind: Kind
    words: str


@dataclass(frozen=True)
class Readiness(GateResult):
    """Everything checked before randomisation, and the obstacles to it, in words."""

    randomisation: Randomisation
    stratum: Stratum
    obstacles: tuple[Obstacle, ...]
    """The obstacles besides the gate and the strata."""

    @cached_property
    def content_hash(self) -> str:
        """The hash that a confirmation is valid for: criteria, their results and values, levels."""
        return digest(
            [
                self.criteria_content,
                [[factor, level] for factor, level in sorted(self.stratum.levels.items())],
            ]
        )

    @property
    def is_eligible(self) -> bool:
        """Whether every criterion is met and every level known."""
        return self.verdict.is_passed and self.stratum.is_complete

    @property
    def missing(self) -> dict[str, Source]:
        """The items, by name, that gate and strata still need."""
        looked_at = [source for criterion in self.verdict.criteria for source in criterion.blanks]
        looked_at += [source for blank in self.stratum.blanks for source in blank.sources]
        return self.blanks_of(looked_at)

    def refuse_unless_eligible(self) -> None:
        """Raise Refused naming every unmet criterion and every blank."""
        self._refuse(self._gate_words())

    def refuse_unless_ready(self) -> None:
        """Raise Refused naming every obstacle, unmet criterion and blank."""
        self._refuse([*(obstacle.words for obstacle in self.obstacles), *self._gate_words()])

    def seen_by(self, concealment: Concealment) -> str:
        """Return a keyed hash of these values for a page; a level may reveal an arm not shown."""
        return concealment.tag(f"seen\n{self.content_hash}")

    def refuse_unless_seen(self, concealment: Concealment, seen: str) -> None:
        """Raise Stale when the values are not those of the page that the user checked."""
        if seen != self.seen_by(concealment):
            raise Stale("A value has changed since you opened this page. Check it again.")

    def _refuse(self, words: Sequence[str]) -> None:
        if words:
            raise Refused(" ".join(make_sentence(word) for word in words))

    def _gate_words(self) -> list[str]:
        return [*self.criteria_words()] + [
            f"Not known yet: {factor.label} ({self.blank_words(factor.sources)})"
            for factor in self.stratum.blanks
        ]


def get_readiness(
    connection: sa.Connection,
    study: Study,
    participant: str,
    name: str,
    *,
    locked: Participant | None = None,
) -> Readiness:
    """Get everything that an allocation depends on, as of now; the caller checks permission.

    locked: the participant's row, where this transaction has locked and read it.
    """
    randomisation = study.randomisation(name)
    known = _get_casebook(connection, study, participant, locked)
    running = _list_halt_obstacles(connection, study.slug, name)
    return _make_readiness(connection, known, randomisation, running)


def list_readiness(
    connection: sa.Connection, study: Study, people: Sequence[Participant], name: str
) -> list[Readiness]:
    """List the readiness of several participants, for a list; an allocation reads it again."""
    randomisation = study.randomisation(name)
    running = list(_list_halt_obstacles(connection, study.slug, name))
    read_all_approvals(connection, study.slug)
    return [
        _make_readiness(connection, known, randomisation, running)
        for known in list_casebooks(connection, study, people)
    ]


def _make_readiness(
    connection: sa.Connection,
    known: Casebook,
    randomisation: Randomisation,
    running: Iterable[Obstacle],
) -> Readiness:
    """Make the readiness. running: the obstacles to every allocation of this randomisation."""
    scope = known.scope(clock.now())
    return Readiness(
        randomisation=randomisation,
        casebook=known,
        verdict=assess(known.study.gate(randomisation.gate), scope),
        stratum=stratum(randomisation, scope),
        obstacles=(*list_obstacles(connection, known, randomisation.consent, scope), *running),
    )


def _get_casebook(
    connection: sa.Connection, study: Study, participant: str, locked: Participant | None
) -> Casebook:
    if locked is None:
        return get_casebook(connection, study, participant)
    return get_casebook_of(connection, study, locked, site_of(connection, study.slug, locked.site))


def list_obstacles(
    connection: sa.Connection, known: Casebook, consent: str, scope: StudyScope
) -> Iterator[Obstacle]:
    """List the obstacles of participant, site and consent. consent: the scope that is needed."""
    study, today = known.study.slug, scope.today()
    if known.status != "enrolled":
        yield Obstacle(Kind.ENROLMENT, "The participant is not enrolled yet.")
    if not site_of(connection, study, known.site).is_open(today):
        yield Obstacle(Kind.SITE, "The site is not open today.")
    if scope.context("consent.in_force", (consent, today)) is not True:
        yield Obstacle(Kind.CONSENT, "Consent is not in force.")
    elif _get_last_consent(known, consent, today).site != known.site:
        words = "The participant moved to this site and has not re-consented here yet."
        yield Obstacle(Kind.CONSENT, words)
    elif not _is_version_approved(connection, known, consent, today):
        words = "Consent was given in a version that this site has not approved."
        yield Obstacle(Kind.CONSENT, words)
    yield from _list_ended_obstacles(known)


def _list_ended_obstacles(known: Casebook) -> Iterator[Obstacle]:
    for kind, title in _ENDED.items():
        if any(fact.kind == kind for fact in known.facts):
            yield Obstacle(Kind.ENDED, f"{title}.")
    if any(fact.kind == LOSS and fact.value is None for fact in known.facts):
        words = "The participant is lost to follow-up. Record that contact is re-established first."
        yield Obstacle(Kind.ENDED, words)


def _list_halt_obstacles(connection: sa.Connection, study: str, name: str) -> Iterator[Obstacle]:
    if reads.find_open_halt(connection, study, name):
        yield Obstacle(
            Kind.HALTED,
            "Randomisation is halted after a restore until two people reconcile it. "
            "Tell the trial manager.",
        )
    elif reads.find_active_version(connection, study, name) is None:
        yield Obstacle(
            Kind.DESIGN,
            "Randomisation is not active: no design is in force. Tell the trial manager.",
        )


_ENDED = {
    "death": "The participant has died",
    "treatment_withdrawal": "The participant has withdrawn from treatment",
    "data_withdrawal": "The participant has withdrawn consent to further data collection",
    "followup_withdrawal": "The participant has withdrawn from follow-up",
}


def _is_version_approved(
    connection: sa.Connection, known: Casebook, scope: str, today: str
) -> bool:
    last = _get_last_consent(known, scope, today)
    versions = list_approved_versions(connection, known.study.slug, known.site, scope, last.date)
    return last.version in versions


def _get_last_consent(known: Casebook, scope: str, today: str) -> Consent:
    return [event for event in known.consents if event.scope == scope and event.date <= today][-1]
