"""Events that an entry reports (a recurrence, a death), as dated facts that visits depend on."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from capture.entry.rules import Rules
from capture.entry.service.conditions import make_condition_check
from capture.entry.service.entry_location import EntryLocation
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants.event_kinds import DEATH
from capture.participants.reads import list_events, list_visits
from capture.problems import InvalidInput, Refused
from forms.definition import StudyEvent
from forms.evaluation_scope import StudyScope
from forms.formulas import holds
from forms.partial_dates import parse_iso
from forms.values import Cell


def follow_events(
    tx: Transaction,
    location: EntryLocation,
    rules: Rules,
    entry_id: str,
    *,
    cells: Mapping[str, Cell],
    changes: Mapping[str, Change],
    scope: StudyScope,
    reason: str,
) -> None:
    """Note, move or take back the events that an entry reports, then plan the visits again.

    cells: the answers that count. changes: those of them that changed. scope: at the entry.
    """
    events = [event for event in rules.events[location.instrument.name] if changes]
    for event in events:
        day = _find_event_day(event, cells, scope.for_formulas().with_cells(cells))
        if event.name == DEATH:
            _follow_death(tx, location, event, changes, day=day, reason=reason)
        elif day is None:
            participants.take_back_fact(tx, location.person, event.name, entry_id)
        else:
            if event.date_item in changes:
                _refuse_after_end(tx, location, event, day)
            participants.note_fact(tx, location.person, event.name, day, source=entry_id)
    if events or _moves_visits(location, rules, changes):
        person = participants.lock(tx, location.study.slug, location.person.id)
        participants.plan_visits(
            tx, person, holds=make_condition_check(tx, location.study, location.person.id)
        )


def list_odd_visits(connection: sa.Connection, location: EntryLocation) -> frozenset[str]:
    """The titles of a person's visits that were entered and whose dates do not agree."""
    return frozenset(
        location.study.visit(visit.slug).occurrence_title(visit.occurrence)
        for visit in list_visits(connection, location.person.id)
        if visit.flag is not None
    )


def _find_event_day(event: StudyEvent, cells: Mapping[str, Cell], here: StudyScope) -> str | None:
    cell = cells.get(event.date_item)
    if cell is None or not isinstance(cell.value, str):
        return None
    return cell.value if event.when is None or holds(event.when, here) else None


def _follow_death(
    tx: Transaction,
    location: EntryLocation,
    event: StudyEvent,
    changes: Mapping[str, Change],
    *,
    day: str | None,
    reason: str,
) -> None:
    study, person = location.study.slug, location.person.id
    known = [fact for fact in list_events(tx.connection, person) if fact.kind == DEATH]
    if day is None:
        if known and event.date_item in changes:
            why = reason or "The date of death was removed from the form."
            participants.undo_ending(tx, study, person, kind=DEATH, reason=why)
    elif not known or known[0].date != day:
        why = reason or "The date of death was corrected in the form."
        try:
            participants.die(tx, study, person, date=day, reason=why)
        except InvalidInput as problem:
            raise InvalidInput(event.date_item, problem.message) from problem


def _refuse_after_end(
    tx: Transaction, location: EntryLocation, event: StudyEvent, day: str
) -> None:
    """Refuse an event of a day after death or withdrawal; an earlier one may be entered late."""
    try:
        participants.refuse_after_end(tx, location.person, parse_iso(day).earliest.isoformat())
    except Refused as problem:
        raise InvalidInput(event.date_item, problem.message) from problem


def _moves_visits(location: EntryLocation, rules: Rules, changes: Mapping[str, Change]) -> bool:
    if not changes:
        return False
    dated = rules.counts_from_previous or _is_odd(location, changes)
    dated = dated and location.instrument.assessment_date in changes
    return dated or location.instrument.name in rules.decides_visits


def _is_odd(location: EntryLocation, changes: Mapping[str, Change]) -> bool:
    """Whether the visit is flagged, or took place before it was due and may have to be."""
    visit, change = location.visit, changes.get(location.instrument.assessment_date or "")
    if visit is None or change is None or visit.earliest is None:
        return False
    day = (change.new or {}).get("v")
    return visit.flag is not None or (isinstance(day, str) and day < visit.earliest)
