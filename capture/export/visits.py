"""The datasets `visits` (target, window, actual, days off) and `queries`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from capture.export import columns as kinds
from capture.export.cases import Case
from capture.export.columns import Column, Dataset
from capture.export.people import identity
from capture.export.union import Union
from capture.ledger.fold import Row

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
    case: Case
    visit: Row


@dataclass(frozen=True)
class QueryRow:
    case: Case
    query: Row
    entry: Row
    zone: str


def visits_dataset(union: Union) -> Dataset[VisitRow]:
    """Every visit but those planned no more and never touched."""

    def rows(case: Case) -> Iterable[VisitRow]:
        return (VisitRow(case, one) for one in case.visits if one["status"] != VOID)

    return Dataset("visits", "Visits", (*identity(_of_visit("site")), *_visit_columns(union)), rows)


def _visit_columns(union: Union) -> Iterator[Column[VisitRow]]:
    titles = union.visit_titles()
    planned = {one.slug: one for version in reversed(union.versions) for one in version.visits}

    def heading(row: VisitRow) -> str | None:
        known = planned.get(row.visit["slug"])
        return known.occurrence_title(row.visit["occurrence"]) if known else None

    yield Column("visit", "Visit", kinds.TEXT, _of_visit("slug"), codes=titles)
    yield Column("visit_lbl", "Visit: label", kinds.TEXT, heading, follows=True)
    yield Column("occurrence", "Occurrence of the visit", kinds.WHOLE, _of_visit("occurrence"))
    yield Column("status", "Status", kinds.TEXT, _of_visit("status"), codes=VISIT_STATUSES)
    yield Column("is_planned", "Planned (not unscheduled)", kinds.TRUTH, _of_visit("planned"))
    yield Column("target_date", "Target date", kinds.DATE, _of_visit("target"))
    yield Column("window_from", "Window: first day", kinds.DATE, _of_visit("earliest"))
    yield Column("window_to", "Window: last day", kinds.DATE, _of_visit("latest"))
    yield Column("actual_date", "Actual date", kinds.DATE, _of_visit("actual_date"))
    yield Column("days_off", "Days from target to actual date", kinds.WHOLE, _days_off)
    yield Column("in_window", "Within the window", kinds.TRUTH, _in_window)
    yield Column("appointment", "Appointment", kinds.TEXT, _of_visit("appointment"))
    yield Column("anchor", "What the target hangs on", kinds.TEXT, _of_visit("anchor"))
    yield Column("flag", "What is odd about the visit", kinds.TEXT, _of_visit("flag"), codes=FLAGS)
    yield Column("reason", "Why not done", kinds.TEXT, _of_visit("reason"), is_free=True)


def queries_dataset(zones: Mapping[str, str]) -> Dataset[QueryRow]:
    """Every query about an item that the role may be shown. zones: by site."""

    def rows(case: Case) -> Iterable[QueryRow]:
        entries = {one["id"]: one for one in case.entries}
        for one in case.queries:
            yield QueryRow(case, one, entries[one["entry"]], zones[one["site"]])

    return Dataset("queries", "Queries", (*identity(_of_query("site")), *_query_columns()), rows)


def _query_columns() -> Iterator[Column[QueryRow]]:
    for name, label, kind in (
        ("visit_slug", "Visit", kinds.TEXT),
        ("occurrence", "Occurrence of the visit", kinds.WHOLE),
        ("instrument", "Instrument", kinds.TEXT),
        ("instance", "Instance of the form", kinds.WHOLE),
    ):
        yield Column(name.removesuffix("_slug"), label, kind, _of_entry(name))
    for name, label in (("item", "Item"), ("kind", "Kind of query"), ("status", "Status")):
        yield Column(name, label, kinds.TEXT, _of_query(name))
    for name, label in (("message", "Question"), ("answer", "Answer")):
        yield Column(name, label, kinds.TEXT, _of_query(name), is_free=True)
    for name, label in (("opened", "Opened"), ("closed", "Closed")):
        yield Column(f"{name}_at", f"{label} (instant)", kinds.INSTANT, _of_query(f"{name}_at"))
        yield Column(f"{name}_on", f"{label} (date at the site)", kinds.DATE, _local(f"{name}_at"))


def _of_visit(name: str) -> Callable[[VisitRow], Any]:
    return lambda row: row.visit[name]


def _of_query(name: str) -> Callable[[QueryRow], Any]:
    return lambda row: row.query[name]


def _of_entry(name: str) -> Callable[[QueryRow], Any]:
    return lambda row: row.entry[name]


def _local(name: str) -> Callable[[QueryRow], str | None]:
    def day(row: QueryRow) -> str | None:
        instant = row.query[name]
        return None if instant is None else kinds.local_day(instant, row.zone)

    return day


def _days_off(row: VisitRow) -> int | None:
    target, actual = row.visit["target"], row.visit["actual_date"]
    if target is None or actual is None:
        return None
    return (date.fromisoformat(actual) - date.fromisoformat(target)).days


def _in_window(row: VisitRow) -> bool | None:
    actual, first, last = (row.visit[name] for name in ("actual_date", "earliest", "latest"))
    if actual is None or first is None or last is None:
        return None
    return bool(first <= actual <= last)
