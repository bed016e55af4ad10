"""Stores everything that is open before randomisation in one action, part by part.

Consent, the blank items of gate and strata, enrolment and the investigator's confirmation are each
stored by their own service. A part that is refused is reported; the other parts are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from capture.entry.reads import find_entry_at
from capture.entry.service import SaveResult, Submission, save_entry
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.records import Status
from capture.participants.service import ConsentTaken, Enrolment
from capture.problems import Problem, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.eligibility import (
    ConfirmationResult,
    confirm_eligibility,
)
from capture.randomisation.allocation.service.gate import Readiness, get_readiness
from capture.randomisation.allocation.service.missing_items import (
    find_saved_cell,
    list_person_items,
)
from forms.definition import Study
from forms.evaluation_scope import Place

REASON = "Filled in on the way to randomisation."
CONSENT, ENROLMENT, CONFIRMATION = "consent", "enrolment", "confirmation"


@dataclass(frozen=True)
class PrerandomisationForm:
    """What was typed for an entry, and the version of the entry that the page showed."""

    posted: Submission
    version: int


@dataclass(frozen=True)
class PrerandomisationRequest:
    """The content of the page; a part that was not asked or is incomplete is left out.

    enrolment: birth date and sex are taken from the saved items where the study has them.
    likeness_key: the key of the hashes that find a possible duplicate.
    """

    consents: Sequence[ConsentTaken]
    sheets: Mapping[Place, PrerandomisationForm]
    enrolment: Enrolment
    confirmed: ConfirmationResult | None
    likeness_key: bytes = field(repr=False)


@dataclass(frozen=True)
class FieldTrouble:
    """A part that was not stored, and why. part: a consent, enrolment, confirmation or a form."""

    part: str
    problem: Problem


@dataclass
class PrerandomisationResult:
    """What was stored, in words, and the obstacles to randomisation."""

    done: list[str] = field(default_factory=list)
    saved: list[SaveResult] = field(default_factory=list)
    troubles: list[FieldTrouble] = field(default_factory=list)
    is_eligible: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether everything sent is stored and nothing is left to confirm."""
        return not self.troubles and not any(
            result.refused or result.questions for result in self.saved
        )


@dataclass(frozen=True)
class _Prerandomisation:
    """The action in progress."""

    tx: Transaction
    study: Study
    study_version: int
    participant: str
    name: str
    found: PrerandomisationResult

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Keep the writes of a part; when it is refused, undo them and go on."""
        deltas, waiting = self.tx.deltas.copy(), len(self.tx.waiting)
        try:
            with self.tx.connection.begin_nested():
                yield
        except Problem as problem:
            self.tx.deltas.clear()
            self.tx.deltas.update(deltas)
            del self.tx.waiting[waiting:]
            self.found.troubles.append(FieldTrouble(name, problem))

    def ready(self) -> Readiness:
        return get_readiness(self.tx.connection, self.study, self.participant, self.name)


def prepare_randomisation(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    wanted: PrerandomisationRequest,
) -> PrerandomisationResult:
    """Store the content of the page, part by part, and return what is still open.

    Raises NotFound; Refused when the participant is randomised already. Problems of a part are in
    the result, not raised.
    """
    person = participants.lock(tx, study.slug, participant)
    if reads.find_allocation(tx.connection, study.slug, participant, name):
        raise Refused("The participant is randomised already.")
    way = _Prerandomisation(tx, study, study_version, participant, name, PrerandomisationResult())
    _save_consents(way, wanted)
    for key in sorted(wanted.sheets):
        _save_form(way, key, wanted.sheets[key])
    if person.status is Status.SCREENED:
        _enrol(way, wanted)
    _confirm(way, wanted)
    return way.found


def _save_consents(way: _Prerandomisation, wanted: PrerandomisationRequest) -> None:
    for taken in wanted.consents:
        with way.part(f"{CONSENT}-{taken.scope}"):
            participants.give_consent(way.tx, way.study.slug, way.participant, taken)
            way.found.done.append(f"Consent is recorded: {way.study.consent(taken.scope).title}.")


def _save_form(way: _Prerandomisation, key: Place, sheet: PrerandomisationForm) -> None:
    before = find_entry_at(way.tx.connection, way.participant, key)
    with way.part(key.instrument):
        saved = save_entry(
            way.tx,
            way.study,
            way.study_version,
            way.participant,
            key,
            submission=sheet.posted,
            version=sheet.version,
            reason=REASON if before is not None and before.completed_at else "",
        )
        way.found.saved.append(saved)
        if saved.changed:
            way.found.done.append(f"{saved.title} is saved.")


def _enrol(way: _Prerandomisation, wanted: PrerandomisationRequest) -> None:
    """Enrol unless a criterion is not met, or something that enrolment needs is missing."""
    ready = way.ready()
    if ready.verdict.not_met or not ready.casebook.consents or way.found.troubles:
        return
    facts = _take_saved_items(ready, wanted.enrolment)
    refused = {name for result in way.found.saved for name in result.refused}
    if refused & set(list_person_items(way.study)):
        return
    with way.part(ENROLMENT):
        participants.enrol(
            way.tx, way.study.slug, way.participant, facts, likeness_key=wanted.likeness_key
        )
        way.found.done.append("The participant is enrolled.")


def _take_saved_items(ready: Readiness, facts: Enrolment) -> Enrolment:
    """Return the facts with birth date and sex as saved; as typed without such items."""
    born = find_saved_cell(ready, ready.study.birth_date)
    sex = find_saved_cell(ready, ready.study.sex)
    return replace(
        facts,
        birth_date=str(born.value or "") if born else facts.birth_date,
        sex=str(sex.value or "") if sex else facts.sex,
    )


def _confirm(way: _Prerandomisation, wanted: PrerandomisationRequest) -> None:
    ready = way.ready()
    way.found.is_eligible = ready.is_eligible
    if not ready.is_eligible or way.found.troubles or wanted.confirmed is None:
        return
    with way.part(CONFIRMATION):
        confirm_eligibility(
            way.tx,
            way.study,
            way.study_version,
            way.participant,
            way.name,
            said=wanted.confirmed,
        )
        way.found.done.append("The confirmation of eligibility is recorded.")
