"""Corrects a number; the former one is still found and never given to anybody else."""

from __future__ import annotations

import re

from capture import ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import numbers
from capture.participants.records import Participant
from capture.participants.service.locking import lock
from capture.problems import InvalidInput, Stale
from capture.study.service.acts import bind_act

SCREENING, PARTICIPANT = "screening_number", "participant_number"
KINDS = {SCREENING: "Screening number", PARTICIPANT: "Participant number"}


def renumber(
    tx: Transaction, study: str, pid: str, *, kind: str, seen: str, number: str, reason: str
) -> Participant:
    """Return a participant another screening or participant number; returns the participant.

    kind: a key of KINDS. seen: the number that the person looked at.
    Receipts, allocations and everything else refer to the internal id and stay as they are.
    Raises NotFound, NotAllowed, InvalidInput (kind, number, reason), Stale.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_RENUMBER)
    before = _get_current_number(person, kind)
    if before != seen:
        raise Stale(
            f"The number is {before} by now: somebody corrected it after you opened this page. "
            "Nothing was changed. Load the page again."
        )
    number = number.strip().upper()
    if not reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")
    _check_number(tx, person, before, number)
    act.record(
        Action.PARTICIPANT_RENUMBER,
        {"id": ids.new_id(), "kind": kind, "number": Change(before, number)},
        reason=reason.strip(),
    )
    return lock(tx, study, pid)


def _get_current_number(person: Participant, kind: str) -> str:
    before = {SCREENING: person.screening_number, PARTICIPANT: person.participant_number}.get(kind)
    if before is None:
        raise InvalidInput("kind", "Choose which number is wrong; this person may not have it yet.")
    return before


def _check_number(tx: Transaction, person: Participant, before: str, number: str) -> None:
    start = before.removesuffix("-R").rpartition("-")[0]
    found = re.fullmatch(re.escape(start) + "-([0-9]{4,6})", number)
    if found is None or f"{int(found[1]):04d}" != found[1] or not int(found[1]):
        raise InvalidInput(
            "number", f"Enter it like {start}-0001: {start}-, then at least four figures."
        )
    if number == before:
        raise InvalidInput("number", f"{before} is the number already.")
    numbers.hold_site(tx.connection, person.study, person.site_recruited)
    if numbers.is_taken(tx.connection, person.study, number, but=person.id):
        raise InvalidInput(
            "number",
            f"{number} belongs, or once belonged, to somebody else in this study. A number is "
            "never given twice.",
        )
