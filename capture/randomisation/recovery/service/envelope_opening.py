"""Records an envelope that a site opened without network: participant, number and day."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import Any

from capture import clock, ids
from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotFound, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.allocate import take_next_number
from capture.randomisation.allocation.service.allocation_effects import follow_allocation
from capture.randomisation.allocation.service.gate import Kind, Readiness, get_readiness
from capture.randomisation.allocation.service.receipts import make_place_tag, queue_receipt
from capture.randomisation.recovery.service.envelopes import Envelope, list_envelopes
from capture.study.service.turns import take_turn
from forms.definition import Study
from randomiser import envelope_list, envelope_places, make_draw

LABEL = re.compile(r"([1-9][0-9]{0,3})-([1-9][0-9]{0,2})")


def open_envelope(
    tx: Transaction,
    study: Study,
    study_version: int,
    participant: str,
    name: str,
    *,
    label: str,
    opened_on: str,
) -> reads.AllocationRow:
    """Allocate a participant by an envelope that was opened; its arm follows from the key.

    The allocation has been made already, so a criterion or consent that is not met is stored with
    it and does not prevent it; strata must be known. It takes the next study-wide number.
    Raises InvalidInput (envelope, opened_on), Refused, NotAllowed, NotFound, Busy.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.ENVELOPE_OPEN)
    _refuse_allocated(tx, study, person, name)
    ready = get_readiness(tx.connection, study, participant, name, locked=person)
    _refuse_unready(ready)
    number = _take_number(tx, study.slug, name)
    found = _get_envelope(tx, study, person, name, label)
    _check_day(ready, found, opened_on)
    arm, listed = _get_content(tx, study, name, found)
    act.record(
        Action.ENVELOPE_OPEN,
        {
            "id": ids.new_id(),
            "site": person.site,
            "randomisation": name,
            "number": number,
            "arm": arm,
            "design_version": found.design_version,
            "list_name": listed,
            "local_date": opened_on,
            "request": tx.request_id or ids.new_id(),
            "envelope": found.label,
            **_list_facts(tx, ready),
        },
        concealed={"list_position": found.number},
    )
    follow_allocation(tx, study, person, name, day=opened_on, arm=arm)
    return _queue_receipt(
        tx, person, name, make_place_tag(tx.concealment, study.slug, listed, found.number)
    )


def _take_number(tx: Transaction, study: str, name: str) -> int:
    """Take the next study-wide number; the lock keeps others from using the same envelope."""
    take_turn(tx, study)
    return take_next_number(tx.connection, study, name)


def _queue_receipt(
    tx: Transaction, person: Participant, name: str, tag: str
) -> reads.AllocationRow:
    done = reads.get_allocation(tx.connection, person.study, person.id, name)
    queue_receipt(tx, person, done, tag)
    return done


def _refuse_allocated(tx: Transaction, study: Study, person: Participant, name: str) -> None:
    before = reads.find_allocation(tx.connection, study.slug, person.id, name)
    if before is not None:
        raise Refused(
            f"{person.number} is randomised already, under the number {before.number}. Nothing was "
            "changed. Tell the unblinded statistician which envelope was opened."
        )


def _refuse_unready(ready: Readiness) -> None:
    if any(obstacle.kind is Kind.ENROLMENT for obstacle in ready.obstacles):
        raise Refused("The participant is not enrolled yet. Record consent and enrol first.")
    if any(obstacle.kind is Kind.HALTED for obstacle in ready.obstacles):
        raise Refused("Randomisation is halted after a restore until two people reconcile it.")
    if not ready.stratum.is_complete:
        blank = ", ".join(item.label for item in ready.stratum.blanks)
        raise Refused(f"Not recorded. Complete the stratification factors first: {blank}.")


def _get_envelope(
    tx: Transaction, study: Study, person: Participant, name: str, label: str
) -> Envelope:
    known = {
        envelope.label: envelope
        for envelope in list_envelopes(tx.connection, study.slug, name, person.site)
    }
    found = known.get(label) if LABEL.fullmatch(label) else None
    if found is None:
        raise InvalidInput(
            "envelope", f"No envelope {label[:20]!r} was printed for this site. Check the number."
        )
    if found.opened_by_participant is not None:
        who = _get_number(tx, study, found.opened_by_participant)
        raise InvalidInput(
            "envelope",
            f"Envelope {label} was opened for {who} already. Check the number, and tell the "
            "unblinded statistician if two participants were given the same envelope.",
        )
    if found.destroyed_at is not None:
        raise InvalidInput(
            "envelope",
            f"Envelope {label} is on record as destroyed. Tell the unblinded statistician.",
        )
    return found


def _get_number(tx: Transaction, study: Study, pid: str) -> str:
    try:
        return people.get_participant(tx.connection, tx.actor, study.slug, pid).number
    except NotFound:
        return "a participant who is at another site now"


def _check_day(ready: Readiness, found: Envelope, opened_on: str) -> None:
    try:
        day = date.fromisoformat(opened_on)
    except ValueError as problem:
        raise InvalidInput("opened_on", "Enter the day on which it was opened.") from problem
    if day > clock.today(ready.casebook.zone):
        raise InvalidInput("opened_on", "The envelope cannot have been opened in the future.")
    if day < clock.local_date(found.printed_at, ready.casebook.zone):
        raise InvalidInput("opened_on", "The envelope was not printed before that day.")


def _get_content(tx: Transaction, study: Study, name: str, found: Envelope) -> tuple[str, str]:
    """Return the arm in the envelope and the name of its list."""
    version_id = f"{name}/{found.design_version}"
    opened = reads.get_opened_design(tx.connection, tx.concealment, study.slug, version_id)
    if opened.version.state == "disclosed":
        raise Refused("The key of this envelope is unsealed; its lists are closed for good.")
    places = envelope_places(opened.design, found.site, make_draw(opened.key))
    place = next(islice(places, found.number - 1, None))
    listed = envelope_list(opened.design.randomisation, found.design_version, found.site)
    return place.arm, listed


def _list_facts(tx: Transaction, ready: Readiness) -> dict[str, Any]:
    """Return the record of the gate as of now; each obstacle is added to it as a criterion."""
    obstacles = [
        {
            "criterion": obstacle.kind.value,
            "result": "not_met",
            "values": [obstacle.words],
            "sources": [],
        }
        for obstacle in ready.obstacles
    ]
    return {
        "levels": dict(ready.stratum.levels),
        "gate": [*ready.gate_record, *obstacles],
        "confirmation": _find_confirmation(tx, ready),
    }


def _find_confirmation(tx: Transaction, ready: Readiness) -> str | None:
    found = reads.find_confirmation_in_force(
        tx.connection, ready.study.slug, ready.casebook.participant, ready.randomisation.name
    )
    return found.id if found is not None else None
