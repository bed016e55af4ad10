"""Confirmation of eligibility: recorded by staff, or signed by an investigator in Sarcomere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from capture import clock, ids
from capture.access import Action
from capture.entry.service import AFTER_SAVE
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.gate import Readiness, get_readiness
from capture.study.reads import get_site as site_of
from capture.study.reads import list_delegates
from forms.definition import Study

MOST_LETTERS = 500
MEANING = "I confirm that this participant meets every eligibility criterion."


def list_delegated_doctors(connection: sa.Connection, study: str, site: str, day: str) -> list[str]:
    """Return the names on the site's delegation log on a day (ISO)."""
    return list(
        dict.fromkeys(delegate.name for delegate in list_delegates(connection, study, site, day))
    )


@dataclass(frozen=True)
class ConfirmationResult:
    """An investigator's confirmation as staff record it. day: ISO date at the site."""

    doctor: str
    day: str
    where_documented: str


def confirm_eligibility(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    said: ConfirmationResult,
) -> str:
    """Record who confirmed eligibility, when, and the source document; return the record's id.

    Raises InvalidInput (doctor, date, where_documented) for an investigator who was not delegated
    on that day, a future day or an empty source document; Refused where the study asks for a
    signature, or while the gate does not pass.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.ELIGIBILITY_CONFIRM)
    ready = _get_passed_readiness(tx, study, participant, name, "recorded")
    _check_confirmation(tx, study, person.site, said)
    body = {
        "investigator": said.doctor,
        "date": said.day,
        "source_document": said.where_documented.strip(),
        "style": "recorded",
        "meaning": None,
    }
    return str(act.record(Action.ELIGIBILITY_CONFIRM, _add_id(ready, body)).new("id"))


def _check_confirmation(tx: Transaction, study: Study, site: str, said: ConfirmationResult) -> None:
    place = site_of(tx.connection, study.slug, site)
    if said.day > clock.today(place.zone).isoformat():
        raise InvalidInput("date", "The date of confirmation cannot be in the future.")
    if said.doctor not in list_delegated_doctors(tx.connection, study.slug, site, said.day):
        raise InvalidInput(
            "doctor", "Choose an investigator who was on the site's delegation log on that day."
        )
    if not said.where_documented.strip():
        raise InvalidInput(
            "where_documented", "Enter the source document of the investigator's confirmation."
        )
    if len(said.where_documented) > MOST_LETTERS:
        raise InvalidInput("where_documented", f"Use at most {MOST_LETTERS} letters.")


def sign_eligibility(
    tx: Transaction, study: Study, study_version: int, participant: str, name: str, *, seen: str
) -> str:
    """Sign the confirmation as the investigator; the caller has checked the password.

    seen: `seen_by` of the page that the investigator checked.
    Raises Stale when a value changed since; Refused where the study wants it recorded instead, or
    while the gate does not pass.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.ELIGIBILITY_SIGN)
    ready = _get_passed_readiness(tx, study, participant, name, "esign")
    ready.refuse_unless_seen(tx.concealment, seen)
    body = {
        "investigator": tx.actor.name,
        "date": clock.today(ready.casebook.zone).isoformat(),
        "source_document": None,
        "style": "esign",
        "meaning": MEANING,
    }
    return str(act.record(Action.ELIGIBILITY_SIGN, _add_id(ready, body)).new("id"))


def _get_passed_readiness(
    tx: Transaction, study: Study, participant: str, name: str, style: str
) -> Readiness:
    ready = get_readiness(tx.connection, study, participant, name)
    if ready.randomisation.eligibility_confirmed_by != style:
        raise Refused(
            "This study asks an investigator to sign eligibility in Sarcomere."
            if style == "recorded"
            else "This study records the investigator's confirmation. It is not signed here."
        )
    if reads.find_allocation(tx.connection, study.slug, participant, name):
        raise Refused("The participant is randomised already.")
    ready.refuse_unless_eligible()
    return ready


def _add_id(ready: Readiness, body: Mapping[str, str | None]) -> dict[str, str | None]:
    return {
        "id": ids.new_id(),
        "randomisation": ready.randomisation.name,
        "content_hash": ready.content_hash,
        **body,
    }


def void_outdated_confirmations(tx: Transaction, study: Study, participant: str) -> None:
    """Void confirmations whose values have changed; called after every save of an entry."""
    for randomisation in study.randomisations:
        found = reads.find_confirmation_in_force(
            tx.connection, study.slug, participant, randomisation.name
        )
        if found is None or reads.find_allocation(
            tx.connection, study.slug, participant, randomisation.name
        ):
            continue
        now = get_readiness(tx.connection, study, participant, randomisation.name)
        if now.content_hash != found.content_hash:
            tx.about(f"participant/{participant}", study=study.slug).record(
                Action.ELIGIBILITY_VOID,
                {"id": found.id, "void_reason": "a value it was given for has changed"},
            )


AFTER_SAVE.append(void_outdated_confirmations)
