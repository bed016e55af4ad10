"""Everything that is still open before a draw, in one act: valid parts are kept, others are told.

Consent, the blank items of gate and strata, enrolment and the doctor's confirmation are each
stored by the service that always stores them; a part that is refused takes nothing else with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from capture.entry.service import Posted, Saved, save_entry
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.rows import Status
from capture.participants.service import ConsentTaken, Enrolment
from capture.problems import Problem, Refused
from capture.randomisation import reads
from capture.randomisation.service.eligibility import Confirmed, confirm
from capture.randomisation.service.gate import Readiness, readiness
from forms.definition import Study
from forms.scopes import Place

REASON = "Filled in on the way to randomisation."
CONSENT, ENROLMENT, CONFIRMATION, WAY = "consent", "enrolment", "confirmation", "way"


@dataclass(frozen=True)
class Sheet:
    """What was typed for one entry, on the version of it that the page showed."""

    posted: Posted
    version: int


@dataclass(frozen=True)
class Wanted:
    """What the page brought; None for a part that was not asked or is not whole.

    enrolment: without birth date and sex these are taken from the saved items of the study.
    likeness_key: of the hashes that find a likely duplicate.
    """

    consent: ConsentTaken | None
    sheets: Mapping[Place, Sheet]
    enrolment: Enrolment
    confirmed: Confirmed | None
    likeness_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Trouble:
    """A part that was not stored, and why. part: consent, enrolment, confirmation, way or a form."""

    part: str
    problem: Problem


@dataclass
class Prepared:
    """What was stored in words, and what stands in the way of a draw."""

    done: list[str] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to fill in, to correct or to confirm."""
        return not self.troubles and not any(one.refused or one.questions for one in self.saved)


@dataclass(frozen=True)
class _Way:
    tx: Transaction
    study: Study
    study_version: int
    participant: str
    name: str
    found: Prepared

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Keep a part's writes or, when it is refused, undo them and go on."""
        deltas = self.tx.deltas.copy()
        try:
            with self.tx.connection.begin_nested():
                yield
        except Problem as problem:
            self.tx.deltas.clear()
            self.tx.deltas.update(deltas)
            self.found.troubles.append(Trouble(name, problem))

    def ready(self) -> Readiness:
        return readiness(self.tx.connection, self.study, self.participant, self.name)


def prepare(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    wanted: Wanted,
) -> Prepared:
    """Store what the page brought, part by part, and say what still stands before a draw.

    Raises NotFound; Refused when the participant is randomised already. Problems of a part are in
    the answer, not raised.
    """
    person = participants.lock(tx, study.slug, participant)
    if reads.allocation_of(tx.connection, study.slug, participant, name):
        raise Refused("The participant is randomised already.")
    way = _Way(tx, study, study_version, participant, name, Prepared())
    _consent(way, wanted)
    for key in sorted(wanted.sheets):
        _save(way, key, wanted.sheets[key])
    if person.status is Status.SCREENED:
        _enrol(way, wanted)
    _confirm(way, wanted)
    return way.found


def _consent(way: _Way, wanted: Wanted) -> None:
    if wanted.consent is not None:
        with way.part(CONSENT):
            participants.give_consent(way.tx, way.study.slug, way.participant, wanted.consent)
            way.found.done.append("Consent recorded.")


def _save(way: _Way, key: Place, sheet: Sheet) -> None:
    before = reads.entry_completed(way.tx.connection, way.participant, key)
    with way.part(key.instrument):
        saved = save_entry(
            way.tx,
            way.study,
            way.study_version,
            way.participant,
            key,
            posted=sheet.posted,
            version=sheet.version,
            reason=REASON if before else "",
        )
        way.found.saved.append(saved)
        if saved.changed:
            way.found.done.append(f"{saved.title} saved.")


def _enrol(way: _Way, wanted: Wanted) -> None:
    with way.part(ENROLMENT):
        known = way.ready().dossier
        facts = with_saved(way.study, known.entries_by_item, wanted.enrolment)
        participants.enrol(
            way.tx, way.study.slug, way.participant, facts, likeness_key=wanted.likeness_key
        )
        way.found.done.append("Enrolled.")


def _confirm(way: _Way, wanted: Wanted) -> None:
    ready = way.ready()
    with way.part(WAY):
        ready.refuse_unless_eligible()
    if way.found.troubles or ready.randomisation.eligibility_confirmed_by == "esign":
        return
    standing = reads.confirmation_in_force(
        way.tx.connection, way.study.slug, way.participant, way.name
    )
    if wanted.confirmed is not None and standing is None:
        with way.part(CONFIRMATION):
            confirm(
                way.tx,
                way.study,
                way.study_version,
                way.participant,
                way.name,
                said=wanted.confirmed,
            )
            way.found.done.append("Eligibility confirmation recorded.")
