"""Enrolment: consent in force, no unnoticed duplicate, a participant number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import duplicates, event_kinds, numbers, reads
from capture.participants.records import Participant, Status
from capture.participants.service.consent import ConsentTaken, add_consent
from capture.participants.service.dates import refuse_future
from capture.participants.service.facts import as_item, make_fact
from capture.participants.service.locking import lock, require_taking_part
from capture.participants.service.planning import plan_visits
from capture.problems import InvalidInput, Refused
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act
from forms.definition import Study

DUPLICATE = (
    "Possible duplicate participant: somebody in this study has this date of birth and sex. "
    "Check before you continue."
)
OLDEST = 120


class LikelyDuplicate(InvalidInput):
    """The person may be in the study already; going on needs a tick and a reason."""

    title = "Check before you continue"


@dataclass(frozen=True)
class Enrolment:
    """The values of an enrolment; of birth date, sex and hospital number only hashes are stored.

    consent: as just taken; None when it was recorded before. Dates are ISO, at the site.
    duplicate_reason: why this is not the person the warning is about, once ticked.
    """

    birth_date: str
    sex: str
    hospital_number: str = ""
    consent: ConsentTaken | None = None
    duplicate_confirmed: bool = False
    duplicate_reason: str = ""


def enrol(
    tx: Transaction, study: str, pid: str, facts: Enrolment, *, likeness_key: bytes
) -> Participant:
    """Enrol a screened person under the next participant number; returns the participant.

    likeness_key: of the keyed hashes (duplicates.derive_key).
    Raises NotFound, NotAllowed, InvalidInput (birth_date, sex, consent's fields), LikelyDuplicate,
    Refused (enrolled already, site closed, no consent in force).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_ENROL)
    today = _require_open(tx, person)
    if facts.consent is not None:
        add_consent(tx, person, facts.consent)
    consented = _require_consent(tx, person, today)
    hashes = _make_hashes(tx, person, facts, consented, likeness_key)
    reason = _require_duplicate_reason(tx, person, facts, hashes)
    body = _make_body(tx, person, hashes, today.isoformat())
    act.record(Action.PARTICIPANT_ENROL, body, reason=reason)
    enrolled = lock(tx, study, pid)
    plan_visits(tx, enrolled)
    return enrolled


def _require_open(tx: Transaction, person: Participant) -> date:
    require_taking_part(person)
    if person.status != Status.SCREENED:
        words = (
            "is enrolled already"
            if person.status == Status.ENROLLED
            else ("was recorded as not recruited; re-screen the participant")
        )
        raise Refused(f"{person.number} {words}.")
    place = study_reads.get_site(tx.connection, person.study, person.site)
    today = reads.get_today_at(tx.connection, person.study, person.site)
    if not place.is_open(today.isoformat()):
        raise Refused(f"{place.name} is not open in this study. The trial manager opens sites.")
    return today


def _require_consent(tx: Transaction, person: Participant, today: date) -> str:
    """Return the date of the consent in force."""
    study = study_reads.get_definition_for(tx.connection, person.study, person.site)
    scope = study.consents[0]
    found = reads.find_consent_in_force(tx.connection, person.id, scope.name, today.isoformat())
    if found is None:
        raise Refused(f"Consent to {scope.title} is not in force. Record it first.")
    return found.date


def _make_hashes(
    tx: Transaction, person: Participant, facts: Enrolment, consented: str, key: bytes
) -> list[str]:
    born = refuse_future(tx, person.study, person.site, "birth_date", facts.birth_date)
    if born.iso > consented:
        raise InvalidInput("birth_date", f"{born.words} is after the consent. Check both dates.")
    if int(consented[:4]) - born.year > OLDEST:
        raise InvalidInput("birth_date", f"{born.words} is more than {OLDEST} years ago.")
    study = study_reads.get_definition_for(tx.connection, person.study, person.site)
    if facts.sex not in list_sexes(study):
        raise InvalidInput("sex", "Choose the sex.")
    return duplicates.make_hashes(
        key,
        person.study,
        birth_date=born.earliest,
        sex=facts.sex,
        hospital_number=facts.hospital_number,
    )


def list_sexes(study: Study) -> dict[str, str]:
    """The answers to the study's item for sex, code to label; two plain ones when it has none."""
    if study.sex is None:
        return {"female": "Female", "male": "Male"}
    return {choice.code: choice.label for choice in study.item(study.sex).answers}


def _require_duplicate_reason(
    tx: Transaction, person: Participant, facts: Enrolment, hashes: list[str]
) -> str:
    if not duplicates.is_known(tx.connection, person.study, hashes, but=person.id):
        return ""
    if not facts.duplicate_confirmed:
        raise LikelyDuplicate("duplicate_confirmed", DUPLICATE)
    if not facts.duplicate_reason.strip():
        raise LikelyDuplicate(
            "duplicate_reason", "Give the reason that this is a different person."
        )
    return facts.duplicate_reason.strip()


def _make_body(
    tx: Transaction, person: Participant, hashes: list[str], today: str
) -> dict[str, Any]:
    return {
        "status": Change(person.status.value, Status.ENROLLED.value),
        "participant_number": numbers.next_participant_number(
            tx.connection, person.study, person.site
        ),
        "enrolled_on": today,
        "duplicate_keys": hashes,
        "events": [as_item(make_fact(event_kinds.ENROLMENT, today))],
    }
