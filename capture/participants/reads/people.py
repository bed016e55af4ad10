"""One participant: the row, consent, dated facts and visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor
from capture.db import Words
from capture.participants import tables
from capture.participants.records import (
    ConsentEvent,
    FormerNumber,
    Participant,
    ParticipantEvent,
    Participation,
    SiteMove,
    Status,
    Visit,
    VisitStatus,
)
from capture.problems import NotFound
from capture.study import reads as study_reads

Found = TypeVar("Found")
NO_SUCH_VISIT = "This participant has no such visit. Go back to the participant's page."


def get_participant(connection: sa.Connection, actor: Actor, study: str, pid: str) -> Participant:
    """One participant whom the actor may see. Raises NotFound, also for another site's."""
    row = connection.execute(_ONE, {"study": study, "id": pid}).mappings().one_or_none()
    if row is None or not _sees(actor, study, row["site"]):
        raise NotFound("There is no such participant at your sites. Check the number.")
    return make_participant(row)


def _sees(actor: Actor, study: str, site: str) -> bool:
    sites = None if actor.kind == SYSTEM else actor.sites_for(Action.PARTICIPANT_VIEW, study)
    return sites is None or site in sites


def make_participant(row: Mapping[Any, Any]) -> Participant:
    """Return a participant from a row of the table; the keyed hashes stay behind."""
    left_out = ("subject", "duplicate_keys", "status", "participation")
    plain = {name: value for name, value in row.items() if name not in left_out}
    return Participant(
        **plain, status=Status(row["status"]), participation=Participation(row["participation"])
    )


def list_people_by_id(connection: sa.Connection, ids: Iterable[str]) -> dict[str, Participant]:
    """Participants by id; the caller has seen to it that the reader may see them."""
    wanted = sorted(set(ids))
    rows = connection.execute(_PEOPLE, {"ids": wanted}).mappings() if wanted else ()
    return {row["id"]: make_participant(row) for row in rows}


def list_visits_by_id(connection: sa.Connection, ids: Iterable[str]) -> dict[str, Visit]:
    """Visits by id, also cancelled ones."""
    wanted = sorted(set(ids))
    rows = connection.execute(_SOME_VISITS, {"ids": wanted}).mappings() if wanted else ()
    return {row["id"]: make_visit(row) for row in rows}


def get_today_at(connection: sa.Connection, study: str, site: str) -> date:
    """Today's date at a site of the study."""
    return clock.today(study_reads.get_site(connection, study, site).zone)


def list_consents(connection: sa.Connection, participant_id: str) -> list[ConsentEvent]:
    """Everything about consent, oldest first; events of one day in the order they were recorded."""
    rows = connection.execute(_CONSENTS, {"participant": participant_id})
    left_out = ("study", "subject", "participant")
    return [
        ConsentEvent(**{name: value for name, value in row.items() if name not in left_out})
        for row in rows.mappings()
    ]


def find_consent_in_force(
    connection: sa.Connection, participant_id: str, scope: str, on: str
) -> ConsentEvent | None:
    """The consent that holds for a scope on a date (ISO); None without one, or once withdrawn."""
    events = list_consents(connection, participant_id)
    past = [event for event in events if event.scope == scope and event.date <= on]
    return past[-1] if past and past[-1].is_given else None


def find_consent_here(
    connection: sa.Connection, person: Participant, scope: str, on: str
) -> ConsentEvent | None:
    """Return the same, given at the site where the person is now: a move asks for it again."""
    found = find_consent_in_force(connection, person.id, scope, on)
    return found if found is not None and found.site == person.site else None


def is_consent_needed(connection: sa.Connection, person: Participant, on: str) -> bool:
    """Return whether somebody who moved here and takes part has not consented at this site yet."""
    return person.id in list_needing_consent(connection, [person], {person.id: on})


def list_needing_consent(
    connection: sa.Connection, people: Sequence[Participant], on: Mapping[str, str]
) -> set[str]:
    """The ids of those who moved, take part, and have not consented at their site by their date."""
    left = (Participation.DIED, Participation.WITHDRAWN)
    moved = {
        person.id: person
        for person in people
        if person.site != person.site_recruited and person.participation not in left
    }
    if not moved:
        return set()
    last: dict[str, sa.RowMapping] = {}
    rows = connection.execute(_CONSENTS_OF_MANY, {"participants": sorted(moved)}).mappings()
    for row in rows:
        if row["date"] <= on[row["participant"]]:
            last[row["participant"]] = row
    return {
        pid
        for pid, row in last.items()
        if row["kind"] != "withdrawn" and row["site"] != moved[pid].site
    }


def list_site_moves(connection: sa.Connection, participant_id: str) -> list[SiteMove]:
    """Return a participant's moves between sites, oldest first."""
    rows = connection.execute(_MOVES, {"participant": participant_id}).mappings()
    return [_make_record(SiteMove, row) for row in rows]


def list_former_numbers(connection: sa.Connection, participant_id: str) -> list[FormerNumber]:
    """Return the numbers that were corrected, oldest first."""
    rows = connection.execute(_FORMER, {"participant": participant_id}).mappings()
    return [_make_record(FormerNumber, row) for row in rows]


def _make_record(kind: type[Found], row: sa.RowMapping) -> Found:
    left_out = ("study", "subject")
    return kind(**{name: value for name, value in row.items() if name not in left_out})


def find_later_episode(connection: sa.Connection, earlier: str) -> Participant | None:
    """Return the latest later episode of a person who was screened again, at whatever site."""
    rows = connection.execute(_LATER, {"earlier": earlier}).mappings().all()
    return make_participant(rows[-1]) if rows else None


def list_events(connection: sa.Connection, participant_id: str) -> list[ParticipantEvent]:
    """Return what happened to a participant and when, oldest first."""
    rows = connection.execute(_FACTS, {"participant": participant_id})
    return [_make_event(row) for row in rows.mappings()]


def list_events_of_many(
    connection: sa.Connection, ids: Sequence[str]
) -> dict[str, list[ParticipantEvent]]:
    """Return the events of several people, oldest first, by participant id."""
    table = tables.participant_event
    rows = connection.execute(
        sa.select(table)
        .where(table.c.participant.in_(ids))
        .order_by(table.c.participant, table.c.date, table.c.id)
    )
    found: dict[str, list[ParticipantEvent]] = defaultdict(list)
    for row in rows.mappings():
        found[row["participant"]].append(_make_event(row))
    return found


def _make_event(row: sa.RowMapping) -> ParticipantEvent:
    left_out = ("study", "subject", "participant", "site")
    return ParticipantEvent(**{name: value for name, value in row.items() if name not in left_out})


def list_visits(connection: sa.Connection, participant_id: str) -> list[Visit]:
    """Return a participant's visits by date; those no longer planned are left out."""
    rows = connection.execute(_VISITS, {"participant": participant_id})
    return [make_visit(row) for row in rows.mappings()]


def list_open_visits(connection: sa.Connection, participant_id: str, since: str) -> Iterator[Visit]:
    """Visits not finished whose target is on a date (ISO) or later, by date, as they are asked for.

    since: empty for all of them.
    """
    wanted = {"participant": participant_id, "since": since}
    with connection.execute(_OPEN_VISITS, wanted) as rows:
        for row in rows.mappings():
            yield make_visit(row)


def get_visit(connection: sa.Connection, participant_id: str, visit_id: str) -> Visit:
    """One visit of a participant. Raises NotFound."""
    wanted = {"participant": participant_id, "visit": visit_id}
    row = connection.execute(_VISIT, wanted).mappings().one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_VISIT)
    return make_visit(row)


def get_visit_at(
    connection: sa.Connection, participant_id: str, slug: str, occurrence: int
) -> Visit:
    """The same by its kind and occurrence. Raises NotFound, also where it is no longer planned."""
    wanted = {"participant": participant_id, "slug": slug, "occurrence": occurrence}
    row = connection.execute(_VISIT_AT, wanted).mappings().one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_VISIT)
    return make_visit(row)


def get_last_occurrence(connection: sa.Connection, participant_id: str, slug: str) -> int:
    """The highest occurrence of a visit that there ever was, also of those that do not count."""
    table = tables.visit
    statement = sa.select(sa.func.max(table.c.occurrence)).where(
        table.c.participant == participant_id, table.c.slug == slug
    )
    return connection.execute(statement).scalar() or 0


def make_visit(row: sa.RowMapping) -> Visit:
    """Return a visit from a row of the table."""
    left_out = ("study", "subject", "status", "instruments")
    plain = {name: value for name, value in row.items() if name not in left_out}
    return Visit(**plain, status=VisitStatus(row["status"]), instruments=tuple(row["instruments"]))


# Made once: building a statement costs more than running it.
_WHOSE = sa.bindparam("participant", type_=Words)
_ONE = sa.select(tables.participant).where(
    tables.participant.c.study == sa.bindparam("study", type_=Words),
    tables.participant.c.id == sa.bindparam("id", type_=Words),
)
_CONSENTS = (
    sa.select(tables.consent_event)
    .where(tables.consent_event.c.participant == _WHOSE)
    .order_by(tables.consent_event.c.date, tables.consent_event.c.id)
)
_CONSENTS_OF_MANY = (
    sa.select(tables.consent_event)
    .where(tables.consent_event.c.participant.in_(sa.bindparam("participants", expanding=True)))
    .order_by(tables.consent_event.c.date, tables.consent_event.c.id)
)
_FACTS = (
    sa.select(tables.participant_event)
    .where(tables.participant_event.c.participant == _WHOSE)
    .order_by(tables.participant_event.c.date, tables.participant_event.c.id)
)
_MOVES = (
    sa.select(tables.site_transfer)
    .where(tables.site_transfer.c.participant == _WHOSE)
    .order_by(tables.site_transfer.c.number)
)
_FORMER = (
    sa.select(tables.former_number)
    .where(tables.former_number.c.participant == _WHOSE)
    .order_by(tables.former_number.c.at, tables.former_number.c.id)
)
_LATER = (
    sa.select(tables.participant)
    .where(
        tables.participant.c.earlier_episode == sa.bindparam("earlier", type_=Words),
        tables.participant.c.status != Status.IN_ERROR.value,
    )
    .order_by(tables.participant.c.episode, tables.participant.c.id)
)
_IDS: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
_PEOPLE = sa.select(tables.participant).where(tables.participant.c.id.in_(_IDS))
_SOME_VISITS = sa.select(tables.visit).where(tables.visit.c.id.in_(_IDS))
_ANY_VISIT = sa.select(tables.visit).where(tables.visit.c.participant == _WHOSE)
_VISIT = _ANY_VISIT.where(tables.visit.c.id == sa.bindparam("visit", type_=Words))
_UNFINISHED = (VisitStatus.PLANNED, VisitStatus.IN_PROGRESS)
_TARGET = sa.func.coalesce(tables.visit.c.target_date, "")
_VISITS = _ANY_VISIT.where(tables.visit.c.status != VisitStatus.VOID.value).order_by(
    _TARGET, tables.visit.c.slug, tables.visit.c.occurrence
)
_VISIT_AT = _VISITS.where(
    tables.visit.c.slug == sa.bindparam("slug", type_=Words),
    tables.visit.c.occurrence == sa.bindparam("occurrence", type_=sa.Integer),
)
_OPEN_VISITS = _VISITS.where(
    sa.or_(*(tables.visit.c.status == status.value for status in _UNFINISHED)),
    sa.bindparam("since", type_=Words) <= _TARGET,
)
