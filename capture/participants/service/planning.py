"""Plans the visits again from the dated facts whenever one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any, TypeAlias

import sqlalchemy as sa

from capture import ids
from capture.access import Action
from capture.db import Words
from capture.ledger.fold import Change
from capture.ledger.service import Transaction
from capture.participants import event_kinds, reads, tables
from capture.participants.participation import find_open_loss
from capture.participants.reads.people import make_visit
from capture.participants.records import (
    Flag,
    Participant,
    ParticipantEvent,
    Status,
    Visit,
    VisitStatus,
)
from capture.study import reads as study_reads
from capture.study.service.acts import bind_act
from forms.definition import Study
from forms.partial_dates import parse_iso
from forms.schedule import Course, DatedEvent, PlannedVisit, planned_visits

HORIZON = timedelta(days=5 * 365)
"""How far ahead visits without an end are planned; every new planning moves it on."""

Key: TypeAlias = tuple[str, int]
Holds: TypeAlias = Callable[[str], bool]
PLAN = ("target_date", "earliest", "latest", "anchor", "instruments")
STANDING = ("status", "flag")


def plan_visits(tx: Transaction, participant: Participant, *, holds: Holds | None = None) -> int:
    """Plan the visits from the dated facts and record what changed; returns how many visits.

    participant: locked. holds: says whether a visit's condition is true; without it (an act that
    cannot have changed the answer) a conditional visit stays as it is.
    Entered visits stay and only move. An untouched visit that is no longer due becomes void.
    """
    study = study_reads.get_definition_for(tx.connection, participant.study, participant.site)
    stored = _list_stored_visits(tx.connection, participant.id)
    facts = reads.list_events(tx.connection, participant.id)
    today = reads.get_today_at(tx.connection, participant.study, participant.site)
    course = _make_course(study, facts, stored, today=today, holds=holds)
    joins = participant.status != Status.NOT_ENROLLED
    due = planned_visits(study, course) if joins else []
    planned = _leave_out_lost(due, find_open_loss(facts))
    changes = dict(_list_changes(_index_by_key(planned), stored))
    if joins:
        changes |= _flag_unplanned(study, course, due, stored)
    if changes:
        bind_act(tx, participant).record(Action.VISIT_SCHEDULE, changes)
    return len(changes)


def _index_by_key(planned: list[PlannedVisit]) -> dict[Key, PlannedVisit]:
    return {(visit.slug, visit.occurrence): visit for visit in planned}


def _flag_unplanned(
    study: Study, course: Course, due: list[PlannedVisit], stored: dict[Key, Visit]
) -> dict[str, Change]:
    """Flag visits that were entered and would not be planned by the facts as they are now.

    A visit before a death or relapse counts as planned, though its target was later.
    """
    known = _index_by_key(due)
    odd = [visit for key, visit in stored.items() if visit.is_touched and key not in known]
    if odd:
        known = _index_by_key(planned_visits(study, replace(course, ends=False)))
    return {
        f"{visit.slug}.{visit.occurrence}": _make_flag_change(visit, Flag.UNPLANNED)
        for visit in odd
        if (visit.slug, visit.occurrence) not in known and visit.flag != Flag.UNPLANNED
    }


def _make_flag_change(before: Visit, flag: Flag) -> Change:
    return Change(
        _make_old_row(before), {"id": before.id, "status": before.status.value, "flag": flag.value}
    )


def _list_stored_visits(connection: sa.Connection, participant_id: str) -> dict[Key, Visit]:
    rows = connection.execute(_PLANNED, {"participant": participant_id})
    visits = [make_visit(row) for row in rows.mappings()]
    return {(visit.slug, visit.occurrence): visit for visit in visits}


_PLANNED = sa.select(tables.visit).where(
    tables.visit.c.participant == sa.bindparam("participant", type_=Words),
    tables.visit.c.planned.is_(True),
)


def _make_course(
    study: Study,
    facts: list[ParticipantEvent],
    stored: dict[Key, Visit],
    *,
    today: date,
    holds: Holds | None,
) -> Course:
    cohorts = [fact.value for fact in facts if fact.kind == event_kinds.COHORT]
    arms = {fact.value for fact in facts if fact.kind.startswith("allocation.") and fact.value}
    return Course(
        events=list(_list_events(study, facts)),
        horizon=today + HORIZON,
        arms=frozenset(arms),
        cohort=cohorts[-1] if cohorts else None,
        holds=holds or _keep_conditions(study, stored),
        actual={
            key: date.fromisoformat(visit.visit_date)
            for key, visit in stored.items()
            if visit.visit_date
        },
    )


def _list_events(study: Study, facts: list[ParticipantEvent]) -> Iterator[DatedEvent]:
    """Yield the facts as events of the schedule; an ending of unknown day counts at its latest."""
    lost = find_open_loss(facts)
    for fact in facts:
        if fact.kind == event_kinds.LOSS and fact != lost:
            continue  # a loss that ended no longer stops anything
        if fact.kind == event_kinds.CONSENT and fact.source != study.consents[0].name:
            continue  # visits hang on consent to the study, the first scope
        day = parse_iso(fact.date)
        yield DatedEvent(
            fact.kind, day.latest if fact.kind in event_kinds.ENDINGS else day.earliest
        )


def _keep_conditions(study: Study, stored: dict[Key, Visit]) -> Holds:
    held = {
        study.visit(visit.slug).condition
        for visit in stored.values()
        if visit.status != VisitStatus.VOID
    }
    return lambda condition: condition in held


def _leave_out_lost(
    planned: list[PlannedVisit], loss: ParticipantEvent | None
) -> list[PlannedVisit]:
    if loss is None:
        return planned
    return [visit for visit in planned if visit.target.isoformat() <= loss.date]


def _list_changes(
    planned: dict[Key, PlannedVisit], stored: dict[Key, Visit]
) -> Iterator[tuple[str, Change]]:
    for key in sorted(planned.keys() | stored.keys()):
        before = stored.get(key)
        change = _find_change(planned.get(key), before)
        if change is not None:
            yield f"{key[0]}.{key[1]}", change


def _find_change(plan: PlannedVisit | None, before: Visit | None) -> Change | None:
    if plan is None:
        if before is None or before.is_touched or before.status == VisitStatus.VOID:
            return None
        return Change(_make_old_row(before), {"id": before.id, "status": VisitStatus.VOID.value})
    new = _make_new_row(plan, before)
    old = None if before is None else _make_old_row(before)
    return None if old is not None and {**old, **new} == old else Change(old, new)


def _make_new_row(plan: PlannedVisit, before: Visit | None) -> dict[str, Any]:
    touched = before is not None and before.is_touched
    status = before.status if before is not None and touched else VisitStatus.PLANNED
    return {
        "id": before.id if before else ids.new_id(),
        "slug": plan.slug,
        "occurrence": plan.occurrence,
        "target_date": plan.target.isoformat(),
        "earliest": plan.earliest.isoformat(),
        "latest": plan.latest.isoformat(),
        "anchor": plan.anchor,
        "instruments": list(plan.instruments),
        "planned": True,
        "status": status.value,
        "flag": _find_flag(plan, before) if touched else None,
    }


def _find_flag(plan: PlannedVisit, before: Visit | None) -> str | None:
    """That a visit counted from an event took place before it, where it should come after."""
    made = before.visit_date if before else None
    counted = plan.counted_from
    is_early = made is not None and plan.target >= counted and made < counted.isoformat()
    return Flag.BEFORE_ANCHOR.value if is_early else None


def _make_old_row(before: Visit) -> dict[str, Any]:
    row = asdict(before)
    row["instruments"] = list(before.instruments)
    row["status"] = before.status.value
    return {name: row[name] for name in ("id", "slug", "occurrence", *PLAN, "planned", *STANDING)}
