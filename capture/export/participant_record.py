"""One participant's whole state at one moment, and its two pure filters: cut-off and blinding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from capture.entry.reads import list_answers
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
    "participant_event",
    "visit",
    "entry",
    "query",
    "allocation",
    "dose_slot",
)
"""The folded tables that hold one participant's rows."""


@dataclass(frozen=True)
class ParticipantRecord:
    """The folded rows of one participant, each table in a fixed order.

    cutoff: what happened after this day is left out; None when everything counts. later: the ids
    of entries about what happened after it.
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


def make_record(
    rows: Mapping[str, Iterable[StateRow]], merged: MergedDefinition
) -> ParticipantRecord:
    """Put a participant's rows in order: visits as the study lists them, others by date."""
    place = merged.visit_order
    entries = sorted(
        rows["entry"],
        key=lambda row: (
            place(row["visit_slug"]),
            row["occurrence"],
            row["instrument"],
            row["instance"],
        ),
    )
    position = {row["id"]: number for number, row in enumerate(entries)}
    (person,) = rows["participant"]
    return ParticipantRecord(
        person=person,
        consents=_sort_rows(rows["consent_event"], lambda row: (row["date"], row["id"])),
        facts=_sort_rows(
            rows["participant_event"], lambda row: (row["date"], row["kind"], row["source"])
        ),
        visits=_sort_rows(rows["visit"], lambda row: (place(row["slug"]), row["occurrence"])),
        entries=tuple(entries),
        queries=_sort_rows(
            rows["query"],
            lambda row: (position.get(row["entry"], -1), row["item"], row["opened_at"], row["id"]),
        ),
        allocations=_sort_rows(rows["allocation"], lambda row: row["randomisation"]),
        slots=_sort_rows(rows["dose_slot"], lambda row: row["part"]),
    )


def _sort_rows(rows: Iterable[StateRow], key: Callable[[StateRow], object]) -> tuple[StateRow, ...]:
    return tuple(sorted(rows, key=key))  # type: ignore[arg-type]


def cut_off(
    case: ParticipantRecord, merged: MergedDefinition, last_day: date
) -> ParticipantRecord | None:
    """Return the case without what happened after a day; None when the person came after it.

    An entry happened on its assessment date, else when its visit took place, else on the first date
    it holds; one without any of these stays, and so does a query about an entry that stays.
    """
    day = last_day.isoformat()
    if case.person["screened_on"] > day:
        return None
    visits = tuple(visit for visit in case.visits if (_find_visit_day(visit) or day) <= day)
    days = {visit["id"]: _find_visit_day(visit) for visit in case.visits}
    entries = tuple(
        entry
        for entry in case.entries
        if (_find_entry_day(entry, merged, days.get(entry["visit"])) or day) <= day
    )
    facts = tuple(fact for fact in case.facts if _get_first_day(fact["date"]) <= day)
    return replace(
        case,
        person=_get_person_on(case.person, facts, day),
        consents=tuple(consent for consent in case.consents if consent["date"] <= day),
        facts=facts,
        visits=visits,
        entries=entries,
        queries=_list_queries_about(case.queries, entries),
        allocations=tuple(
            allocation for allocation in case.allocations if allocation["local_date"] <= day
        ),
        slots=tuple(_get_slot_on(slot, day) for slot in case.slots if slot["local_date"] <= day),
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
            query
            for query in _list_queries_about(case.queries, entries)
            if viewer.shows_item(query["item"])
        ),
    )


def _find_entry_day(entry: StateRow, merged: MergedDefinition, visit_day: str | None) -> str | None:
    """Return the earliest day of what an entry records; None when nothing dates it."""
    if entry["assessment_date"]:
        return _get_first_day(entry["assessment_date"])
    if visit_day:
        # Before the dates it holds: a birth date does not say when it was recorded.
        return visit_day
    for item in merged.date_items(entry["instrument"]):
        value = list_answers(entry).get(item, {}).get("v")
        if isinstance(value, str):
            return _get_first_day(value[:10])
    return None


def _find_visit_day(visit: StateRow) -> str | None:
    day: str | None = visit["visit_date"] or visit["target_date"]
    return day


def _get_first_day(iso: str) -> str:
    try:
        return parse_iso(iso).earliest.isoformat()
    except NoSuchDate:
        return iso


def _get_slot_on(slot: StateRow, day: str) -> StateRow:
    """Return a place at a dose level as of a day: pending until its outcome was recorded."""
    if (slot["outcome_date"] or "") <= day:
        return slot
    return {**slot, **dict.fromkeys(("outcome", "outcome_date", "met", "note"))}


def _list_queries_about(
    queries: tuple[StateRow, ...], entries: tuple[StateRow, ...]
) -> tuple[StateRow, ...]:
    kept = {entry["id"] for entry in entries}
    return tuple(query for query in queries if query["entry"] in kept)


def _get_person_on(person: StateRow, facts: tuple[StateRow, ...], day: str) -> StateRow:
    """Return the person as of a day: enrolment and participation as far as they had happened."""
    changed = dict(person)
    if person["enrolled_on"] and person["enrolled_on"] > day:
        changed.update(status="screened", enrolled_on=None, participant_number=None)
    changed["participation"] = get_state_after([_make_event(fact, facts) for fact in facts]).value
    return changed


def _make_event(fact: StateRow, facts: tuple[StateRow, ...]) -> ParticipantEvent:
    """Return a fact in view of only these facts: a loss is open while no return follows it."""
    is_over = any(other["kind"] == RETURN and other["date"] >= fact["date"] for other in facts)
    value = None if fact["kind"] == LOSS and not is_over else fact["value"]
    return ParticipantEvent("", fact["kind"], fact["source"], fact["date"], value)
