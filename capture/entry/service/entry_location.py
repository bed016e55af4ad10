"""The location of an entry: its visit or the log, and whether anything may be saved there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from capture import clock, ids
from capture.db import Words
from capture.entry.reads import Casebook, CasebookEvent, Entry, get_casebook_of
from capture.entry.rules import get_rules
from capture.ledger.service import Transaction
from capture.participants import service as participants
from capture.participants import tables
from capture.participants.event_kinds import DATA_WITHDRAWAL
from capture.participants.reads import list_consents
from capture.participants.reads.people import make_visit
from capture.participants.records import Participant, Status, Visit, VisitStatus
from capture.problems import InvalidInput, NotFound, Refused
from capture.study import reads as study_reads
from capture.study.reads import Site
from forms.definition import LOG_VISIT, Instrument, Study
from forms.evaluation_scope import Place, StudyScope
from forms.partial_dates import parse_iso
from forms.values import Cell

MOST_INSTANCES = 999


@dataclass(frozen=True)
class EntryLocation:
    """A place that exists: the locked participant, the instrument, its visit (None for the log)."""

    study: Study
    person: Participant
    key: Place
    instrument: Instrument
    visit: Visit | None

    @property
    def visit_id(self) -> str | None:
        return self.visit.id if self.visit else None


def get_location(
    connection: sa.Connection, study: Study, person: Participant, key: Place
) -> EntryLocation:
    """Get the location of a place. Raises NotFound where the participant has no such form, Refused
    where the visit is no longer planned."""
    return get_location_at(study, person, key, _find_visit(connection, person, key))


def get_location_at(
    study: Study, person: Participant, key: Place, visit: Visit | None
) -> EntryLocation:
    """Get the location of a place whose visit was read before; visit: None for the log."""
    instrument = next(
        (candidate for candidate in study.instruments if candidate.name == key.instrument), None
    )
    if instrument is None or not 1 <= key.instance <= MOST_INSTANCES:
        raise NotFound("There is no such form. Go back to the participant's page.")
    if key.instance > 1 and not (instrument.log or instrument.repeats):
        raise NotFound("This form is filled in only once at a visit.")
    if visit is None:
        if key.visit != LOG_VISIT or key.occurrence != 1 or not instrument.log:
            raise NotFound("This form belongs to a visit. Open it from the visit.")
    elif key.instrument not in {*visit.instruments, *visit.forms}:
        raise NotFound("This visit has no such form. Go back to the participant's page.")
    elif visit.status == VisitStatus.VOID:
        raise Refused("This visit is cancelled, so no data can be entered for it.")
    return EntryLocation(study, person, key, instrument, visit)


def _find_visit(connection: sa.Connection, person: Participant, key: Place) -> Visit | None:
    if key.visit == LOG_VISIT:
        return None
    wanted = {"participant": person.id, "slug": key.visit, "occurrence": key.occurrence}
    row = connection.execute(_VISIT, wanted).mappings().one_or_none()
    return make_visit(row) if row is not None else None


_VISIT = sa.select(tables.visit).where(
    tables.visit.c.participant == sa.bindparam("participant", type_=Words),
    tables.visit.c.slug == sa.bindparam("slug", type_=Words),
    tables.visit.c.occurrence == sa.bindparam("occurrence", type_=sa.Integer),
)


def refuse_if_over(tx: Transaction, location: EntryLocation, assessed: str | None) -> None:
    """Refuse a form of a day after death or withdrawal; earlier days may be entered late.

    assessed: the ISO date the form itself says; without it the visit's.
    """
    day = assessed or _find_visit_day(location.visit)
    if day:
        participants.refuse_after_end(tx, location.person, parse_iso(day).earliest.isoformat())


def is_early(visit: Visit | None, assessed: str | None) -> bool:
    """Whether a form says that its visit took place before it was due."""
    return bool(visit and visit.earliest and assessed and assessed < visit.earliest)


def count_days_late(connection: sa.Connection, location: EntryLocation) -> int | None:
    """Count the days from the end of the visit's window to today, by the site's date.

    At most 0 in the window or before; None where no window was planned.
    """
    latest = location.visit.latest if location.visit else None
    if latest is None:
        return None
    zone = study_reads.get_site(connection, location.study.slug, location.person.site).zone
    return (clock.today(zone) - date.fromisoformat(latest)).days


def list_every_visit(connection: sa.Connection, participant_id: str) -> dict[str, Visit]:
    """Every visit of a participant, also those no longer planned."""
    found = connection.execute(_VISITS, {"participant": participant_id}).mappings()
    return {row["id"]: make_visit(row) for row in found}


_VISITS = sa.select(tables.visit).where(
    tables.visit.c.participant == sa.bindparam("participant", type_=Words)
)


def find_assessment_date(location: EntryLocation, cells: Mapping[str, Cell]) -> str | None:
    """The date that a form itself gives, whole or partial; None where it gives none."""
    cell = cells.get(location.instrument.assessment_date or "")
    return cell.value if cell is not None and isinstance(cell.value, str) else None


def get_scope(
    location: EntryLocation, casebook: Casebook, *, assessed: str | None = None
) -> StudyScope:
    """The scope of an entry's expressions now. assessed: the date that the form is about to give.

    Its formulas and conditions take place on the visit's date, or else when it was saved first, so
    that no outcome changes with the clock alone.
    """
    moment, zone = clock.now(), ZoneInfo(casebook.zone)
    entry, visit = casebook.entry(location.key), location.visit
    day = None
    if visit is not None:
        day = assessed if assessed and len(assessed) == len("2026-03-02") else visit.visit_date
    if day is not None:
        formulas_at = datetime.combine(date.fromisoformat(day), time.min, zone)
    else:
        formulas_at = (ids.get_moment(entry.id) if entry else moment).astimezone(zone)
    return casebook.scope(moment, location.key, formulas_at=formulas_at)


def _find_visit_day(visit: Visit | None) -> str | None:
    return (visit.visit_date or visit.target_date) if visit else None


def refuse_new_data(
    location: EntryLocation,
    facts: tuple[CasebookEvent, ...],
    before: Entry | None,
    cells: Mapping[str, Cell],
) -> None:
    """Refuse new values after a withdrawal from data collection; stored ones may be corrected."""
    withdrawal = next((fact for fact in facts if fact.kind == DATA_WITHDRAWAL), None)
    if withdrawal is None:
        return
    stored = before.kept_cells if before else {}
    items = location.instrument.value_items
    new = [name for name in cells if name not in stored and not items[name].is_derived]
    if new or before is None:
        raise Refused(
            f"{location.person.number} withdrew consent to further data collection on "
            f"{parse_iso(withdrawal.date).words}. Nothing more can be entered. Stored values can "
            "be corrected."
        )


def refuse_unconsented(
    connection: sa.Connection, location: EntryLocation, cells: Mapping[str, Cell | None]
) -> None:
    """Refuse identifying values before a consent was recorded."""
    items = location.instrument.value_items
    named = [
        name
        for name, cell in cells.items()
        if items[name].identifying and cell is not None and cell.value is not None
    ]
    if (
        not named
        or location.person.status == Status.ENROLLED
        or list_consents(connection, location.person.id)
    ):
        return
    words = "tells who the person is. Record the consent first, then enter it."
    raise InvalidInput(named[0], f"{items[named[0]].label} {words}")


def get_location_casebook(
    connection: sa.Connection, location: EntryLocation, place: Site | None = None
) -> Casebook:
    """Get the part of the casebook that the expressions of the location's instrument read.

    place: the participant's site, where it was read already.
    """
    person, name = location.person, location.instrument.name
    rules = get_rules(location.study)
    return get_casebook_of(
        connection,
        location.study,
        person,
        place or study_reads.get_site(connection, person.study, person.site),
        instruments=rules.looks_at[name],
        with_consents=name in rules.asks_consent,
    )
