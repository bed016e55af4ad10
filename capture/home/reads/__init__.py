"""What waits for somebody, read over all studies and sites where a role lets them see it."""

from __future__ import annotations

from capture.home.reads.counts import Counts, counts, summed
from capture.home.reads.joining import Untold, not_allocated, untold, without_cohort
from capture.home.reads.questions import Question, questions
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
    "Counts",
    "Question",
    "Untold",
    "VisitToDo",
    "Workplace",
    "appointed",
    "counts",
    "due",
    "late_by_site",
    "not_allocated",
    "overdue",
    "people_of",
    "questions",
    "summed",
    "untold",
    "without_cohort",
    "workplaces",
]
