"""The list of participants, filtered and in pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor
from capture.participants import event_kinds, tables
from capture.participants.reads import matching
from capture.participants.reads.people import make_participant
from capture.participants.records import Participant, Participation, Status, VisitStatus
from capture.study import reads as study_reads
from capture.visibility import Viewer, get_viewer

PER_PAGE = 50
DUE, OVERDUE, QUERY, DRAFT, BOOKED = "due", "overdue", "query", "draft", "appointment"
JOINING = "joining"
"""Screened or enrolled, taking part, and not allocated in any randomisation."""
OPEN = (VisitStatus.PLANNED.value, VisitStatus.IN_PROGRESS.value)


@dataclass(frozen=True)
class ParticipantFilters:
    """What to show; empty means all. text: part of a number; attention: one of those above.

    cohort, and arm as RANDOMISATION.ARM: only for who may see them; the caller asks.
    """

    text: str = ""
    site: str = ""
    status: str = ""
    attention: str = ""
    cohort: str = ""
    arm: str = ""


@dataclass(frozen=True)
class ParticipantRow:
    """One participant of the list; `today` is the date at the participant's site."""

    participant: Participant
    today: date


@dataclass(frozen=True)
class ParticipantPage:
    """A page of the list; `total` counts all that pass the filters."""

    lines: tuple[ParticipantRow, ...]
    total: int
    page: int
    pages: int


DraftCondition = Callable[[Viewer], sa.ColumnElement[bool]]
QueryCondition = Callable[[Viewer], sa.ColumnElement[bool]]
_draft_conditions: list[DraftCondition] = []
_query_conditions: list[QueryCondition] = []


def register_draft_condition(condition: DraftCondition) -> DraftCondition:
    """Register the condition for an unsaved draft, so that this feature need not import entries.

    The condition is on a row of participants, for a viewer.
    """
    _draft_conditions.append(condition)
    return condition


def register_query_condition(condition: QueryCondition) -> QueryCondition:
    """Register the condition for an open query, as with drafts."""
    _query_conditions.append(condition)
    return condition


@dataclass(frozen=True)
class _ListReader:
    """The reader of a study's list, with the date at each site and what they may see."""

    actor: Actor
    study: str
    today: Mapping[str, date]
    viewer: Viewer


def list_participants(
    connection: sa.Connection,
    actor: Actor,
    study: str,
    filters: ParticipantFilters,
    page: int = 1,
    *,
    size: int = PER_PAGE,
    viewer: Viewer | None = None,
) -> ParticipantPage:
    """Return the participants at the actor's sites that pass the filters, by number, in pages.

    viewer: what the actor may see, if that is known; no filter looks at anything else.
    """
    today = _list_today_by_site(connection, actor, study)
    if viewer is None:
        viewer = get_viewer(actor, study_reads.get_definition_for(connection, study), *today)
    looking = _ListReader(actor, study, today, viewer)
    wanted = sa.and_(*_list_conditions(looking, filters))
    table = tables.participant
    counted = sa.select(sa.func.count()).select_from(table).where(wanted)
    total = connection.execute(counted).scalar_one()
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    rows = connection.execute(
        sa.select(table)
        .where(wanted)
        .order_by(table.c.site, table.c.screening_number)
        .limit(size)
        .offset((page - 1) * size)
    )
    people = [make_participant(row) for row in rows.mappings()]
    return ParticipantPage(
        tuple(ParticipantRow(person, today[person.site]) for person in people), total, page, pages
    )


def _list_today_by_site(connection: sa.Connection, actor: Actor, study: str) -> dict[str, date]:
    sites = study_reads.list_sites(connection, actor, study)
    return {site.slug: clock.today(site.zone) for site in sites}


def _list_conditions(
    looking: _ListReader, filters: ParticipantFilters
) -> list[sa.ColumnElement[bool]]:
    table = tables.participant
    found = [table.c.study == looking.study, table.c.site.in_(_list_visible_sites(looking))]
    if filters.text.strip():
        found.append(matching.has_number_like(filters.text))
    elif filters.status != Status.IN_ERROR:
        found.append(table.c.status != Status.IN_ERROR.value)
    if filters.site:
        found.append(table.c.site == filters.site)
    if filters.status:
        found.append(
            sa.or_(table.c.status == filters.status, table.c.participation == filters.status)
        )
    if filters.cohort:
        found.append(table.c.cohort == filters.cohort)
    if filters.arm:
        found.append(_has_arm(filters.arm))
    if filters.attention:
        found.append(_make_attention_condition(looking, filters.attention))
    return found


def _list_visible_sites(looking: _ListReader) -> list[str]:
    actor = looking.actor
    is_system = actor.kind == SYSTEM
    mine = None if is_system else actor.sites_for(Action.PARTICIPANT_VIEW, looking.study)
    return [site for site in looking.today if mine is None or site in mine]


def _has_arm(arm: str) -> sa.ColumnElement[bool]:
    randomisation, _, name = arm.partition(".")
    return sa.exists().where(
        tables.participant_event.c.participant == tables.participant.c.id,
        tables.participant_event.c.kind == event_kinds.allocation(randomisation),
        tables.participant_event.c.value == name,
    )


def _make_attention_condition(looking: _ListReader, attention: str) -> sa.ColumnElement[bool]:
    if attention == QUERY:
        is_open = tables.participant.c.open_queries > 0
        if looking.viewer.withheld.is_empty:
            return is_open
        return sa.and_(is_open, *(condition(looking.viewer) for condition in _query_conditions))
    if attention == DRAFT:
        return sa.or_(sa.false(), *(condition(looking.viewer) for condition in _draft_conditions))
    if attention == JOINING:
        return _is_joining()
    if attention in (DUE, OVERDUE, BOOKED):
        return _has_visit(attention, looking)
    return sa.false()


def _is_joining() -> sa.ColumnElement[bool]:
    table, fact = tables.participant, tables.participant_event
    allocated = sa.exists().where(
        fact.c.participant == table.c.id,
        fact.c.kind.startswith(event_kinds.allocation(""), autoescape=True),
    )
    return sa.and_(
        table.c.status.in_((Status.SCREENED.value, Status.ENROLLED.value)),
        table.c.participation == Participation.ON_STUDY.value,
        sa.not_(allocated),
    )


def _has_visit(attention: str, looking: _ListReader) -> sa.ColumnElement[bool]:
    """Return a visit that is due, overdue or appointed, begun or not, on the date of its own site.

    People who were not enrolled have none.
    """
    by_date: dict[str, list[str]] = defaultdict(list)
    for site, day in looking.today.items():
        by_date[day.isoformat()].append(site)
    table = tables.visit
    is_so = sa.or_(
        sa.false(), *(_make_day_condition(attention, day, sites) for day, sites in by_date.items())
    )
    waits = sa.and_(
        looking.viewer.visit_condition(table.c.slug),
        table.c.status.in_(OPEN),
        is_so,
    )
    person = tables.participant.c
    # Few visits are late or appointed, and an index has them; many are still to come, so for those
    # that are due each person's own are looked at.
    found = (
        sa.exists().where(table.c.participant == person.id, waits)
        if attention == DUE
        else person.id.in_(
            sa.select(table.c.participant).where(table.c.study == looking.study, waits)
        )
    )
    return sa.and_(person.status != Status.NOT_ENROLLED.value, found)


def _make_day_condition(attention: str, day: str, sites: Sequence[str]) -> sa.ColumnElement[bool]:
    table = tables.visit
    if attention == OVERDUE:
        return sa.and_(table.c.site.in_(sites), table.c.latest < day)
    if attention == BOOKED:
        return sa.and_(table.c.site.in_(sites), table.c.appointment >= day)
    return sa.and_(table.c.site.in_(sites), table.c.earliest <= day, table.c.latest >= day)
