"""Dated facts: allocations, events from entries, endings; visits and rules depend on them."""

from __future__ import annotations

from typing import Any

from capture import ids
from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import event_kinds, reads
from capture.participants.participation import get_state_after
from capture.participants.records import Participant, ParticipantEvent
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act
from forms.partial_dates import parse_iso


def note_fact(
    tx: Transaction,
    participant: Participant,
    kind: str,
    date: str,
    *,
    value: str | None = None,
    detail: dict[str, Any] | None = None,
    source: str = "",
) -> ParticipantEvent:
    """Note that something happened on a date, as a consequence of another act.

    participant: locked. kind: an event of the study (see event_kinds), e.g. `allocation.duration`.
    date: ISO, may be partial. value: e.g. the arm. source: tells several facts of one kind apart
    (the entry that says so); a fact of the same kind and source is replaced.
    A death or withdrawal ends taking part as the act of that name does.
    Visits do not follow by themselves: call plan_visits once after the facts of an act.
    Raises ValueError for a kind the study does not know and for a text that is no date.
    """
    study = study_reads.get_definition_for(tx.connection, participant.study, participant.site)
    if not event_kinds.is_known(kind, study):
        raise ValueError(f"study {study.slug} knows no event {kind!r}")
    known = reads.list_events(tx.connection, participant.id)
    before = _find_same(known, kind, source)
    fact = ParticipantEvent(
        id=before.id if before else ids.new_id(),
        kind=kind,
        source=source,
        date=parse_iso(date).iso,
        value=value,
        detail=detail or {},
    )
    if fact != before:
        _record_change(tx, participant, known, before, fact)
    return fact


def take_back_fact(tx: Transaction, participant: Participant, kind: str, source: str = "") -> bool:
    """Take a fact back whose entry no longer says so; False when there was none."""
    known = reads.list_events(tx.connection, participant.id)
    before = _find_same(known, kind, source)
    if before is not None:
        _record_change(tx, participant, known, before, None)
    return before is not None


def _find_same(facts: list[ParticipantEvent], kind: str, source: str) -> ParticipantEvent | None:
    return next((fact for fact in facts if (fact.kind, fact.source) == (kind, source)), None)


def _record_change(
    tx: Transaction,
    participant: Participant,
    known: list[ParticipantEvent],
    before: ParticipantEvent | None,
    after: ParticipantEvent | None,
) -> None:
    old = None if before is None else [as_item(before)]
    gone = [] if before is None else [make_taken_back_item(before)]
    body = {"events": Change(old, gone if after is None else [as_item(after)])}
    others = [fact for fact in known if fact != before]
    state = get_state_after(others if after is None else [*others, after])
    if state != participant.participation:
        body["participation"] = Change(participant.participation.value, state.value)
    bind_act(tx, participant).record(Action.EVENT_RECORD, body)


def as_item(fact: ParticipantEvent) -> dict[str, Any]:
    """Return a fact as an item in the body of an action."""
    return {
        "id": fact.id,
        "kind": fact.kind,
        "source": fact.source,
        "date": fact.date,
        "value": fact.value,
        "detail": fact.detail,
    }


def make_taken_back_item(fact: ParticipantEvent) -> dict[str, Any]:
    """Return the item of the body that removes a fact: without its date."""
    return {**as_item(fact), "date": None}


def make_fact(
    kind: str,
    date: str,
    *,
    value: str | None = None,
    detail: dict[str, Any] | None = None,
    source: str = "",
) -> ParticipantEvent:
    """Make a new fact for the body of an action."""
    return ParticipantEvent(ids.new_id(), kind, source, date, value, detail or {})
