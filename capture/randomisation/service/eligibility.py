"""A doctor's confirmation that a participant is eligible: recorded by staff, or signed by an investigator."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from capture import entropy
from capture.access import SYSTEM, Action
from capture.entry.service import AFTER_SAVE
from capture.ledger.service import Transaction, record
from capture.participants import service as participants
from capture.problems import InvalidInput, Refused
from capture.randomisation import reads
from capture.randomisation.service.gate import Readiness, readiness
from capture.study.tables import delegation
from forms.definition import Study

MEANING = "I confirm that this participant meets every eligibility criterion."


def delegated_doctors(connection: sa.Connection, study: str, site: str, day: str) -> list[str]:
    """The names on the site's delegation list on a day."""
    rows = connection.execute(
        sa.select(delegation.c.name)
        .where(
            delegation.c.study == study,
            delegation.c.site == site,
            delegation.c.from_date <= day,
            sa.or_(delegation.c.to_date.is_(None), delegation.c.to_date >= day),
        )
        .order_by(delegation.c.name)
    )
    return list(rows.scalars())


def confirm(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    doctor: str,
    day: date,
    where_documented: str,
) -> str:
    """Record which doctor confirmed eligibility, when, and where it is documented; returns its id.

    Raises InvalidInput for a doctor who was not delegated on that day, a future day or nothing said
    of where; Refused where the study asks for a signature, or while the gate does not pass.
    """
    person = participants.lock(tx, study.slug, participant)
    role = tx.role(Action.ELIGIBILITY_CONFIRM, study.slug, person.site)
    ready = _passing(tx, study, participant, name, "recorded")
    if doctor not in delegated_doctors(tx.connection, study.slug, person.site, day.isoformat()):
        raise InvalidInput(
            "doctor", "Choose a doctor who was on the site's delegation list on that day."
        )
    if not where_documented.strip():
        raise InvalidInput("where_documented", "Say where the doctor's confirmation is documented.")
    return _record(
        tx,
        Action.ELIGIBILITY_CONFIRM,
        ready,
        role,
        study_version,
        {
            "doctor": doctor,
            "date": day.isoformat(),
            "where_documented": where_documented.strip(),
            "style": "recorded",
            "meaning": None,
        },
    )


def sign(tx: Transaction, study: Study, study_version: int, participant: str, name: str) -> str:
    """Sign the confirmation as the investigator; the password was checked before the transaction.

    Raises Refused where the study wants it recorded instead, or while the gate does not pass.
    """
    person = participants.lock(tx, study.slug, participant)
    role = tx.role(Action.ELIGIBILITY_SIGN, study.slug, person.site)
    ready = _passing(tx, study, participant, name, "esign")
    return _record(
        tx,
        Action.ELIGIBILITY_SIGN,
        ready,
        role,
        study_version,
        {
            "doctor": tx.actor.name,
            "date": tx.at[:10],
            "where_documented": None,
            "style": "esign",
            "meaning": MEANING,
        },
    )


def _passing(tx: Transaction, study: Study, participant: str, name: str, style: str) -> Readiness:
    ready = readiness(tx.connection, study, participant, name)
    if ready.randomisation.eligibility_confirmed_by != style:
        raise Refused(
            "This study asks an investigator to sign eligibility in Sarcomere."
            if style == "recorded"
            else "This study records a doctor's confirmation; it is not signed in Sarcomere."
        )
    if reads.allocation_of(tx.connection, study.slug, participant, name):
        raise Refused("The participant is randomised already.")
    ready.refuse_unless_eligible()
    return ready


def _record(
    tx: Transaction,
    action: Action,
    ready: Readiness,
    role: str,
    study_version: int,
    said: dict[str, str | None],
) -> str:
    confirmation_id = entropy.new_id()
    record(
        tx,
        action,
        study=ready.study.slug,
        subject=f"participant/{ready.dossier.participant}",
        role=role,
        study_version=study_version,
        body={
            "id": confirmation_id,
            "randomisation": ready.randomisation.name,
            "content_hash": ready.content_hash,
            **said,
        },
    )
    return confirmation_id


def void_outdated(tx: Transaction, study: Study, participant: str) -> None:
    """Void a confirmation whose values have changed since; called after every save of an entry."""
    for randomisation in study.randomisations:
        found = reads.confirmation_in_force(
            tx.connection, study.slug, participant, randomisation.name
        )
        if found is None or reads.allocation_of(
            tx.connection, study.slug, participant, randomisation.name
        ):
            continue
        now = readiness(tx.connection, study, participant, randomisation.name)
        if now.content_hash != found.content_hash:
            record(
                tx,
                Action.ELIGIBILITY_VOID,
                study=study.slug,
                subject=f"participant/{participant}",
                role=SYSTEM,
                body={"id": found.id, "void_reason": "a value it was given for has changed"},
            )


AFTER_SAVE.append(void_outdated)
