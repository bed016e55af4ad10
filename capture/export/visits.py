"""The datasets `visits` (target, window, actual, days off) and `queries`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.export.participants_dataset import make_identity_columns
from capture.ledger.fold import StateRow

VOID = "void"
VISIT_STATUSES = {
    "planned": "Planned",
    "in_progress": "In progress",
    "complete": "Complete",
    "not_done": "Not done",
}
FLAGS = {
    "unplanned": "Entered, and no longer planned",
    "before_anchor": "Took place before the event it is counted from",
}


@dataclass(frozen=True)
class VisitRow:
    case: ParticipantRecord
    visit: StateRow


@dataclass(frozen=True)
class QueryDatasetRow:
    case: ParticipantRecord
    query: StateRow
    entry: StateRow
    zone: str


def make_visits_dataset(merged: MergedDefinition) -> Dataset[VisitRow]:
    """Return every visit except those no longer planned and never used."""

    def rows(case: ParticipantRecord) -> Iterable[VisitRow]:
        return (VisitRow(case, visit) for visit in case.visits if visit["status"] != VOID)

    return Dataset(
        "visits",
        "Visits",
        (*make_identity_columns(_take_visit("site")), *_make_visit_columns(merged)),
        rows,
    )


def _make_visit_columns(merged: MergedDefinition) -> Iterator[DatasetColumn[VisitRow]]:
    titles = merged.visit_titles()
    planned = {
        visit.slug: visit for version in reversed(merged.versions) for visit in version.visits
    }

    def heading(row: VisitRow) -> str | None:
        planned_visit = planned.get(row.visit["slug"])
        return planned_visit.occurrence_title(row.visit["occurrence"]) if planned_visit else None

    yield DatasetColumn("visit", "Visit", kinds.TEXT, _take_visit("slug"), codes=titles)
    yield DatasetColumn("visit_lbl", "Visit: label", kinds.TEXT, heading, follows=True)
    yield DatasetColumn(
        "occurrence", "Occurrence of the visit", kinds.WHOLE, _take_visit("occurrence")
    )
    yield DatasetColumn("status", "Status", kinds.TEXT, _take_visit("status"), codes=VISIT_STATUSES)
    yield DatasetColumn(
        "is_planned", "Planned (not unscheduled)", kinds.TRUTH, _take_visit("planned")
    )
    yield DatasetColumn("target_date", "Target date", kinds.DATE, _take_visit("target_date"))
    yield DatasetColumn("window_from", "Window: first day", kinds.DATE, _take_visit("earliest"))
    yield DatasetColumn("window_to", "Window: last day", kinds.DATE, _take_visit("latest"))
    yield DatasetColumn("actual_date", "Actual date", kinds.DATE, _take_visit("visit_date"))
    yield DatasetColumn("days_off", "Days from target to actual date", kinds.WHOLE, _count_days_off)
    yield DatasetColumn("in_window", "Within the window", kinds.TRUTH, _is_in_window)
    yield DatasetColumn("appointment", "Appointment", kinds.TEXT, _take_visit("appointment"))
    yield DatasetColumn("anchor", "What the target hangs on", kinds.TEXT, _take_visit("anchor"))
    yield DatasetColumn(
        "flag", "What is odd about the visit", kinds.TEXT, _take_visit("flag"), codes=FLAGS
    )
    yield DatasetColumn("reason", "Why not done", kinds.TEXT, _take_visit("reason"), is_free=True)


def make_queries_dataset(zones: Mapping[str, str]) -> Dataset[QueryDatasetRow]:
    """Return every query about an item the role may see. zones: by site."""

    def rows(case: ParticipantRecord) -> Iterable[QueryDatasetRow]:
        entries = {entry["id"]: entry for entry in case.entries}
        for query in case.queries:
            yield QueryDatasetRow(case, query, entries[query["entry"]], zones[query["site"]])

    return Dataset(
        "queries",
        "Queries",
        (*make_identity_columns(_take_query("site")), *_make_query_columns()),
        rows,
    )


def _make_query_columns() -> Iterator[DatasetColumn[QueryDatasetRow]]:
    for name, label, kind in (
        ("visit_slug", "Visit", kinds.TEXT),
        ("occurrence", "Occurrence of the visit", kinds.WHOLE),
        ("instrument", "Instrument", kinds.TEXT),
        ("instance", "Instance of the form", kinds.WHOLE),
    ):
        yield DatasetColumn(name.removesuffix("_slug"), label, kind, _take_entry(name))
    for name, label in (("item", "Item"), ("kind", "Kind of query"), ("status", "Status")):
        yield DatasetColumn(name, label, kinds.TEXT, _take_query(name))
    for name, label in (("message", "Question"), ("answer", "Answer")):
        yield DatasetColumn(name, label, kinds.TEXT, _take_query(name), is_free=True)
    for name, label in (("opened", "Opened"), ("closed", "Closed")):
        yield DatasetColumn(
            f"{name}_at", f"{label} (instant)", kinds.INSTANT, _take_query(f"{name}_at")
        )
        yield DatasetColumn(
            f"{name}_on", f"{label} (date at the site)", kinds.DATE, _take_local_day(f"{name}_at")
        )


def _take_visit(name: str) -> Callable[[VisitRow], Any]:
    return lambda row: row.visit[name]


def _take_query(name: str) -> Callable[[QueryDatasetRow], Any]:
    return lambda row: row.query[name]


def _take_entry(name: str) -> Callable[[QueryDatasetRow], Any]:
    return lambda row: row.entry[name]


def _take_local_day(name: str) -> Callable[[QueryDatasetRow], str | None]:
    def day(row: QueryDatasetRow) -> str | None:
        instant = row.query[name]
        return None if instant is None else kinds.local_day(instant, row.zone)

    return day


def _count_days_off(row: VisitRow) -> int | None:
    target, actual = row.visit["target_date"], row.visit["visit_date"]
    if target is None or actual is None:
        return None
    return (date.fromisoformat(actual) - date.fromisoformat(target)).days


def _is_in_window(row: VisitRow) -> bool | None:
    actual, first, last = (row.visit[name] for name in ("visit_date", "earliest", "latest"))
    if actual is None or first is None or last is None:
        return None
    return bool(first <= actual <= last)
