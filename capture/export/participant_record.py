"""One participant's whole state at one moment, and its two pure filters: cut-off and blinding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from capture.export.merged_definition import MergedDefinition
from capture.ledger.fold import StateRow
from capture.participants.event_kinds import LOSS, RETURN
from capture.participants.participation import get_state_after
from capture.participants.records import ParticipantEvent
from capture.visibility.datasets import DatasetViewer
from forms.partial_dates import NoSuchDate, parse_iso

ALLOCATION = "allocation."
TABLES = (
    "participant",
    "consent_event",
    "dated_fact",
    "visit",
    "entry",
    "query",
    "allocation",
    "dose_slot",
)
"""The folded tables that one participant's rows lie in."""


@dataclass(frozen=True)
class ParticipantRecord:
    """The folded rows of one participant, each kind in one order for all time.

    cutoff: after this day nothing has happened yet; None when everything known counts. later: the
    ids of entries that tell what happened after it.
    """

    person: StateRow
    consents: tuple[StateRow, ...]
    facts: tuple[StateRow, ...]
    visits: tuple[StateRow, ...]
    entries: tuple[StateRow, ...]
    queries: tuple[StateRow, ...]
    allocations: tuple[StateRow, ...]
    slots: tuple[StateRow, ...]
    cutoff: date | None = None
    later: frozenset[str] = frozenset()

    @property
    def site(self) -> str:
        return str(self.person["site"])


def case_of(rows: Mapping[str, Iterable[StateRow]], union: MergedDefinition) -> ParticipantRecord:
    """Put a participant's rows in order: visits as the study lists them, others by date."""
    place = union.visit_order
    entries = sorted(
        rows["entry"],
        key=lambda one: (
            place(one["visit_slug"]),
            one["occurrence"],
            one["instrument"],
            one["instance"],
        ),
    )
    position = {one["id"]: number for number, one in enumerate(entries)}
    (person,) = rows["participant"]
    return ParticipantRecord(
        person=person,
        consents=_sorted(rows["consent_event"], lambda one: (one["date"], one["id"])),
        facts=_sorted(rows["dated_fact"], lambda one: (one["date"], one["kind"], one["source"])),
        visits=_sorted(rows["visit"], lambda one: (place(one["slug"]), one["occurrence"])),
        entries=tuple(entries),
        queries=_sorted(
            rows["query"],
            lambda one: (position.get(one["entry"], -1), one["item"], one["opened_at"], one["id"]),
        ),
        allocations=_sorted(rows["allocation"], lambda one: one["randomisation"]),
        slots=_sorted(rows["dose_slot"], lambda one: one["part"]),
    )


def _sorted(rows: Iterable[StateRow], key: Callable[[StateRow], object]) -> tuple[StateRow, ...]:
    return tuple(sorted(rows, key=key))  # type: ignore[arg-type]


def cut_off(
    case: ParticipantRecord, union: MergedDefinition, last_day: date
) -> ParticipantRecord | None:
    """The case without what happened after a day; None when the person came after it.

    An entry happened on its assessment date, else when its visit took place, else on the first date
    it holds; one without any of these stays, and so does a query about an entry that stays.
    """
    day = last_day.isoformat()
    if case.person["screened_on"] > day:
        return None
    visits = tuple(visit for visit in case.visits if (_visit_day(visit) or day) <= day)
    days = {visit["id"]: _visit_day(visit) for visit in case.visits}
    entries = tuple(
        entry
        for entry in case.entries
        if (_entry_day(entry, union, days.get(entry["visit"])) or day) <= day
    )
    facts = tuple(fact for fact in case.facts if _first_day(fact["date"]) <= day)
    return replace(
        case,
        person=_person_on(case.person, facts, day),
        consents=tuple(consent for consent in case.consents if consent["date"] <= day),
        facts=facts,
        visits=visits,
        entries=entries,
        queries=_about(case.queries, entries),
        allocations=tuple(
            allocation for allocation in case.allocations if allocation["local_date"] <= day
        ),
        slots=tuple(_slot_on(slot, day) for slot in case.slots if slot["local_date"] <= day),
        cutoff=last_day,
        later=frozenset(entry["id"] for entry in case.entries) - {entry["id"] for entry in entries},
    )


def blind(case: ParticipantRecord, viewer: DatasetViewer) -> ParticipantRecord:
    """The case without what the role may not be shown: visits, entries, events and queries."""
    entries = tuple(
        entry
        for entry in case.entries
        if viewer.shows_form_at(entry["visit_slug"], entry["instrument"])
    )
    return replace(
        case,
        facts=tuple(fact for fact in case.facts if viewer.shows_event(fact["kind"])),
        visits=tuple(
            visit if viewer.shows_event(visit["anchor"]) else {**visit, "anchor": None}
            for visit in case.visits
            if viewer.shows_visit(visit["slug"])
        ),
        entries=entries,
        queries=tuple(
            one for one in _about(case.queries, entries) if viewer.shows_item(one["item"])
        ),
    )


def _entry_day(entry: StateRow, union: MergedDefinition, visit_day: str | None) -> str | None:
    """When what an entry tells happened, at the earliest; None when nothing says so."""
    if entry["assessment_date"]:
        return _first_day(entry["assessment_date"])
    if visit_day:
        # Before the dates it holds: a birth date says nothing of when it was told.
        return visit_day
    for item in union.date_items(entry["instrument"]):
        value = entry["doc"].get(item, {}).get("v")
        if isinstance(value, str):
            return _first_day(value[:10])
    return None


def _visit_day(visit: StateRow) -> str | None:
    day: str | None = visit["actual_date"] or visit["target"]
    return day


def _first_day(iso: str) -> str:
    try:
        return parse_iso(iso).earliest.isoformat()
    except NoSuchDate:
        return iso


def _slot_on(slot: StateRow, day: str) -> StateRow:
    """A place at a dose level as it stood on a day: pending until its outcome had come."""
    if (slot["outcome_date"] or "") <= day:
        return slot
    return {**slot, **dict.fromkeys(("outcome", "outcome_date", "met", "note"))}


def _about(queries: tuple[StateRow, ...], entries: tuple[StateRow, ...]) -> tuple[StateRow, ...]:
    kept = {entry["id"] for entry in entries}
    return tuple(query for query in queries if query["entry"] in kept)


def _person_on(person: StateRow, facts: tuple[StateRow, ...], day: str) -> StateRow:
    """The person as they stood on a day: enrolled and taking part as far as that had happened."""
    changed = dict(person)
    if person["enrolled_on"] and person["enrolled_on"] > day:
        changed.update(status="screened", enrolled_on=None, participant_number=None)
    changed["state"] = get_state_after([_known(fact, facts) for fact in facts]).value
    return changed


def _known(fact: StateRow, facts: tuple[StateRow, ...]) -> ParticipantEvent:
    """A fact as it stood with only these facts: a loss is open while no return follows it."""
    is_over = any(one["kind"] == RETURN and one["date"] >= fact["date"] for one in facts)
    value = None if fact["kind"] == LOSS and not is_over else fact["value"]
    return ParticipantEvent("", fact["kind"], fact["source"], fact["date"], value)
