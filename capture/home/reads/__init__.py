"""What waits for somebody, read over all studies and sites where a role lets them see it."""

from __future__ import annotations

from capture.home.reads.counts import Counts, counts, summed
from capture.home.reads.joining import MOST, Untold, not_allocated, untold, without_cohort
from capture.home.reads.questions import Question, asked_by_site, questions
from capture.home.reads.scores import AtVisit, Values, values_of, who_counts
from capture.home.reads.unentered import Unentered, unentered
from capture.home.reads.visits import (
    VisitToDo,
    appointed,
    due,
    late_by_site,
    overdue,
    people_of,
)
from capture.home.reads.workplaces import Workplace, workplaces

__all__ = [
    "MOST",
    "AtVisit",
    "Counts",
    "Question",
    "Unentered",
    "Untold",
    "Values",
    "VisitToDo",
    "Workplace",
    "appointed",
    "asked_by_site",
    "counts",
    "due",
    "late_by_site",
    "not_allocated",
    "overdue",
    "people_of",
    "questions",
    "summed",
    "unentered",
    "untold",
    "values_of",
    "who_counts",
    "without_cohort",
    "workplaces",
]
