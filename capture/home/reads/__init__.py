"""What waits for somebody, read over all studies and sites where a role lets them see it."""

from __future__ import annotations

from capture.home.reads.awaiting_randomisation import (
    MOST,
    UnnotifiedRow,
    list_not_allocated,
    list_unnotified,
    list_without_cohort,
)
from capture.home.reads.counts import Counts, count_total, list_counts
from capture.home.reads.queries import OpenQueryCount, count_queries_by_site, list_open_queries
from capture.home.reads.scores import AtVisit, Values, count_values, list_counted_people
from capture.home.reads.unentered import UnenteredRow, count_unentered
from capture.home.reads.visits import (
    VisitToDo,
    count_overdue_by_site,
    list_booked_visits,
    list_due_visits,
    list_overdue_visits,
)
from capture.home.reads.workplaces import Workplace, list_workplaces

__all__ = [
    "MOST",
    "AtVisit",
    "Counts",
    "OpenQueryCount",
    "UnenteredRow",
    "UnnotifiedRow",
    "Values",
    "VisitToDo",
    "Workplace",
    "count_overdue_by_site",
    "count_queries_by_site",
    "count_total",
    "count_unentered",
    "count_values",
    "list_booked_visits",
    "list_counted_people",
    "list_counts",
    "list_due_visits",
    "list_not_allocated",
    "list_open_queries",
    "list_overdue_visits",
    "list_unnotified",
    "list_without_cohort",
    "list_workplaces",
]
