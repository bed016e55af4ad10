"""How taking part ends or pauses: withdrawal, death, loss to follow-up, return."""

from __future__ import annotations

from dataclasses import dataclass, replace

from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.participants import event_kinds, reads
from capture.participants.participation import find_open_loss, get_state_after
from capture.participants.records import Participant, ParticipantEvent, Participation, Status
from capture.participants.service.dates import refuse_before, refuse_future
from capture.participants.service.facts import as_item, make_fact, make_taken_back_item
from capture.participants.service.locking import lock, require_taking_part
from capture.participants.service.planning import plan_visits
from capture.problems import InvalidInput, Refused
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act
from forms.partial_dates import PartialDate, parse_iso

ASKED_BY = {
    "participant": "Participant",
    "family": "Relative or carer",
    "doctor": "Treating clinician",
    "sponsor": "Sponsor or trial team",
}


@dataclass(frozen=True)
class Withdrawal:
    """kind: a key of event_kinds.WITHDRAWALS. date: ISO. asked_by: a key of ASKED_BY."""

    kind: str
    date: str
    asked_by: str
    reason: str


def withdraw(tx: Transaction, study: str, pid: str, said: Withdrawal) -> Participant:
    """Record a withdrawal from the treatment, from follow-up or from any further data.

    After a withdrawal from the treatment follow-up stays due; after the others nothing new is
    planned. Raises NotFound, NotAllowed, InvalidInput (kind, date, asked_by, reason), Refused.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_WITHDRAW)
    if said.kind not in event_kinds.WITHDRAWALS:
        raise InvalidInput("kind", "Choose what the withdrawal is from.")
    if said.asked_by not in ASKED_BY:
        raise InvalidInput("asked_by", "Choose who initiated the withdrawal.")
    _require_reason(said.reason)
    facts = _list_facts_while_alive(tx, person)
    known = next((fact for fact in facts if fact.kind == said.kind), None)
    if known is not None:
        what = event_kinds.WITHDRAWALS[said.kind]
        day = parse_iso(known.date).words
        raise Refused(f"Withdrawal from {what} is recorded already, on {day}.")
    _check_date(tx, person, facts, said.date)
    new = make_fact(said.kind, said.date, value=said.asked_by)
    facts = [*facts, new]
    return _end(act, person, Action.PARTICIPANT_WITHDRAW, facts, reason=said.reason)


def die(tx: Transaction, study: str, pid: str, *, date: str, reason: str = "") -> Participant:
    """Record a death; a second time it corrects the date, for which a reason is needed.

    date: ISO; day or month may be unknown (`2026-03`, `2026`).
    Raises NotFound, NotAllowed, InvalidInput (date, reason), Refused.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_RECORD_DEATH)
    _require_enrolled(person)
    facts = reads.list_events(tx.connection, pid)
    known = next((fact for fact in facts if fact.kind == event_kinds.DEATH), None)
    if known is not None:
        _require_own_death(known)
        _require_reason(reason)
    if any(fact.kind == event_kinds.DATA_WITHDRAWAL for fact in facts):
        raise Refused(f"{person.number} withdrew consent to further data collection.")
    day = _check_date(tx, person, facts, date, partial=True)
    _refuse_visits_after(tx, person, day)
    _refuse_events_after(tx, person, facts, day)
    new = replace(known, date=day.iso) if known else make_fact(event_kinds.DEATH, day.iso)
    others = [fact for fact in facts if fact.kind != event_kinds.DEATH]
    return _end(act, person, Action.PARTICIPANT_RECORD_DEATH, [*others, new], reason=reason)


def lose(tx: Transaction, study: str, pid: str, *, date: str, reason: str) -> Participant:
    """Record a loss to follow-up, from its last contact on; later visits wait for a return.

    Raises NotFound, NotAllowed, InvalidInput (date, reason), Refused.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP)
    _require_reason(reason)
    facts = _list_facts_while_alive(tx, person)
    require_taking_part(person)
    if person.participation == Participation.LOST:
        raise Refused(f"{person.number} is lost to follow-up already.")
    _check_date(tx, person, facts, date)
    _refuse_same_day(facts, event_kinds.LOSS, date)
    new = make_fact(event_kinds.LOSS, date, source=date)
    return _end(
        act, person, Action.PARTICIPANT_RECORD_LOST_TO_FOLLOW_UP, [*facts, new], reason=reason
    )


def come_back(tx: Transaction, study: str, pid: str, *, date: str, reason: str = "") -> Participant:
    """Record the return of somebody lost to follow-up; the visits are planned again.

    Raises NotFound, NotAllowed, InvalidInput (date), Refused.
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_RETURN)
    facts = _list_facts_while_alive(tx, person)
    loss = find_open_loss(facts)
    if loss is None:
        raise Refused(f"{person.number} is not lost to follow-up.")
    day = refuse_future(tx, study, person.site, "date", date)
    refuse_before("date", day, loss.date, "the loss to follow-up")
    _refuse_same_day(facts, event_kinds.RETURN, date)
    ended = [replace(fact, value="returned") if fact == loss else fact for fact in facts]
    new = make_fact(event_kinds.RETURN, date, source=date)
    return _end(act, person, Action.PARTICIPANT_RETURN, [*ended, new], reason=reason)


def undo_ending(tx: Transaction, study: str, pid: str, *, kind: str, reason: str) -> Participant:
    """Undo a withdrawal, death or loss that was recorded in error; the history keeps both.

    Raises NotFound, NotAllowed, InvalidInput (kind, reason).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.PARTICIPANT_RETURN)
    _require_reason(reason)
    facts = reads.list_events(tx.connection, pid)
    wrong = [fact for fact in facts if fact.kind == kind and fact.value != "returned"]
    if kind not in {*event_kinds.WITHDRAWALS, event_kinds.DEATH, event_kinds.LOSS} or not wrong:
        raise InvalidInput("kind", "Choose what was recorded in error.")
    left = [fact for fact in facts if fact not in wrong]
    return _end(act, person, Action.PARTICIPANT_RETURN, left, reason=reason)


def _require_own_death(known: ParticipantEvent) -> None:
    """A death that a form dates is corrected there, so that the two cannot differ."""
    if known.source:
        raise Refused("The date of death comes from a form. Correct it there.")


def _require_enrolled(person: Participant) -> None:
    if person.status != Status.ENROLLED:
        raise Refused(
            f"{person.number} is not enrolled. Record the person as not recruited instead."
        )


def _list_facts_while_alive(tx: Transaction, person: Participant) -> list[ParticipantEvent]:
    """Return the facts of an enrolled person whose data may still be collected."""
    _require_enrolled(person)
    facts = reads.list_events(tx.connection, person.id)
    gone = {fact.kind for fact in facts} & {event_kinds.DEATH, event_kinds.DATA_WITHDRAWAL}
    if gone:
        require_taking_part(person)
    return facts


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("reason", "Give the reason in a few words.")


def _check_date(
    tx: Transaction,
    person: Participant,
    facts: list[ParticipantEvent],
    date: str,
    *,
    partial: bool = False,
) -> PartialDate:
    day = refuse_future(tx, person.study, person.site, "date", date, partial=partial)
    consent = next((fact for fact in facts if fact.kind == event_kinds.CONSENT), None)
    if consent is not None:
        refuse_before("date", day, consent.date, "the consent")
    return day


def _refuse_same_day(facts: list[ParticipantEvent], kind: str, date: str) -> None:
    if any((fact.kind, fact.source) == (kind, date) for fact in facts):
        raise InvalidInput("date", "This is recorded for the same day already. Check the date.")


def _refuse_visits_after(tx: Transaction, person: Participant, death: PartialDate) -> None:
    made = [v.visit_date for v in reads.list_visits(tx.connection, person.id) if v.visit_date]
    last = max(made, default="")
    if last > death.latest.isoformat():
        raise InvalidInput(
            "date",
            f"A visit took place on {parse_iso(last).words}, after {death.words}. "
            "Correct one of the two dates.",
        )


def _refuse_events_after(
    tx: Transaction, person: Participant, facts: list[ParticipantEvent], death: PartialDate
) -> None:
    """Refuse a death before the study's own events of the person."""
    study = study_reads.get_definition_for(tx.connection, person.study, person.site)
    titles = {event.name: event.title for event in study.events if event.name != event_kinds.DEATH}
    for fact in facts:
        if fact.kind in titles and parse_iso(fact.date).earliest > death.latest:
            raise InvalidInput(
                "date",
                f"{titles[fact.kind]} is dated {parse_iso(fact.date).words}, after {death.words}. "
                "Correct one of the two dates.",
            )


def _end(
    act: BoundAct,
    person: Participant,
    action: Action,
    facts: list[ParticipantEvent],
    *,
    reason: str,
) -> Participant:
    """Record the changed facts and the state that follows, then plan the visits again."""
    tx = act.tx
    before = {fact.id: fact for fact in reads.list_events(tx.connection, person.id)}
    after = {fact.id: fact for fact in facts}
    changed = [fact for fact in facts if before.get(fact.id) != fact]
    gone = [fact for fact in before.values() if fact.id not in after]
    old = [as_item(before[fact.id]) for fact in changed if fact.id in before]
    now = [as_item(fact) for fact in changed] + [make_taken_back_item(fact) for fact in gone]
    new_state = get_state_after(facts)
    act.record(
        action,
        {
            "participation": Change(person.participation.value, new_state.value),
            "events": Change([*old, *(as_item(fact) for fact in gone)] or None, now),
        },
        reason=reason.strip(),
        occurred_at=changed[-1].date if changed else "",
    )
    person = lock(tx, person.study, person.id)
    plan_visits(tx, person)
    return person
