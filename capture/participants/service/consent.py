"""Consent as dated events: given, given again, withdrawn; each to one scope in one version."""

from __future__ import annotations

from dataclasses import dataclass

from capture import ids
from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import event_kinds, reads
from capture.participants.records import ConsentEvent, Participant
from capture.participants.service.dates import refuse_before, refuse_future
from capture.participants.service.facts import as_item, make_fact
from capture.participants.service.locking import lock, require_taking_part
from capture.participants.service.planning import plan_visits
from capture.problems import InvalidInput, Refused
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act
from forms.definition import ConsentScope
from forms.partial_dates import parse_iso


@dataclass(frozen=True)
class ConsentTaken:
    """Somebody consented. date: ISO, at the site. taken_by: the name of whoever took it.

    assent, parent: of a minor, whether it assented and a parent consented; None where not asked.
    """

    scope: str
    version: str
    date: str
    taken_by: str
    assent: bool | None = None
    parent: bool | None = None


def give_consent(tx: Transaction, study: str, pid: str, taken: ConsentTaken) -> ConsentEvent:
    """Record that consent was given, or given again; the visits that depend on it are planned.

    Raises NotFound, NotAllowed, InvalidInput (scope, version, consent_date, taken_by), Refused.
    """
    person = lock(tx, study, pid)
    event = add_consent(tx, person, taken)
    plan_visits(tx, person)
    return event


def add_consent(tx: Transaction, person: Participant, taken: ConsentTaken) -> ConsentEvent:
    """Record consent within an action that plans the visits itself. person: locked."""
    act = bind_act(tx, person).require(Action.CONSENT_RECORD)
    require_taking_part(person)
    scope = _get_scope(tx, person, taken.scope)
    _check_consent(tx, person, taken)
    before = [e for e in reads.list_consents(tx.connection, person.id) if e.scope == taken.scope]
    event = ConsentEvent(
        id=ids.new_id(),
        scope=scope.name,
        kind="regiven" if before else "given",
        version=taken.version,
        date=taken.date,
        taken_by=taken.taken_by.strip(),
        assent=taken.assent,
        parent=taken.parent,
    )
    first = make_fact(event_kinds.CONSENT, taken.date, value=taken.version, source=scope.name)
    facts = [] if before else [as_item(first)]
    act.record(Action.CONSENT_RECORD, _make_body(event, facts), occurred_at=event.date)
    return event


def withdraw_consent(
    tx: Transaction, study: str, pid: str, *, scope: str, date: str, told_to: str, reason: str = ""
) -> ConsentEvent:
    """Record that the person withdrew consent to a scope.

    Its consequences (no more treatment, no more visits) are recorded by `withdraw`.
    Raises NotFound, NotAllowed, InvalidInput (scope, date, taken_by), Refused (none in force).
    """
    person = lock(tx, study, pid)
    act = bind_act(tx, person).require(Action.CONSENT_WITHDRAW)
    found = _get_scope(tx, person, scope)
    day = refuse_future(tx, study, person.site, "date", date)
    for fact in reads.list_events(tx.connection, pid):
        if fact.kind == event_kinds.DEATH and day.earliest > parse_iso(fact.date).latest:
            words = f"is after the death ({parse_iso(fact.date).words})"
            raise InvalidInput("date", f"{day.words} {words}.")
    _require_name(told_to)
    given = reads.find_consent_in_force(tx.connection, pid, scope, date)
    if given is None:
        raise Refused(f"Consent to {found.title} was not in force on {parse_iso(date).words}.")
    event = ConsentEvent(ids.new_id(), scope, "withdrawn", given.version, date, told_to.strip())
    body = _make_body(event, [])
    act.record(Action.CONSENT_WITHDRAW, body, reason=reason, occurred_at=event.date)
    return event


def _get_scope(tx: Transaction, person: Participant, name: str) -> ConsentScope:
    study = study_reads.get_definition_for(tx.connection, person.study, person.site)
    try:
        return study.consent(name)
    except KeyError as problem:
        raise InvalidInput("scope", "Choose what the consent is to.") from problem


def _check_consent(tx: Transaction, person: Participant, taken: ConsentTaken) -> None:
    day = refuse_future(tx, person.study, person.site, "consent_date", taken.date)
    _require_name(taken.taken_by)
    approved = study_reads.list_approved_versions(
        tx.connection, person.study, person.site, taken.scope, taken.date
    )
    if taken.version not in approved:
        raise InvalidInput(
            "version",
            f"Version {taken.version or '(none)'} was not approved at this site on {day.words}. "
            + (f"Approved then: {', '.join(approved)}." if approved else "None was approved then."),
        )
    for event in reads.list_consents(tx.connection, person.id):
        if event.scope == taken.scope and event.kind == "withdrawn":
            refuse_before("consent_date", day, event.date, "the withdrawal it would follow")


def _require_name(name: str) -> None:
    if not name.strip():
        raise InvalidInput("taken_by", "Enter the name of the person at the site who took it.")


def _make_body(event: ConsentEvent, facts: list[dict[str, object]]) -> dict[str, object]:
    names = ("id", "scope", "kind", "version", "date", "taken_by", "assent", "parent")
    return {**{name: getattr(event, name) for name in names}, "events": facts}
