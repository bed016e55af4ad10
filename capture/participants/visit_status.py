"""The status of a visit today: not due, due, overdue, in progress, complete or not done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from capture.participants.records import Visit, VisitStatus
from capture.web.page_data import Colour, Icon, Tag
from forms.partial_dates import parse_iso


class VisitStanding(StrEnum):
    """In the order of urgency."""

    OVERDUE = "overdue"
    IN_PROGRESS = "in_progress"
    DUE = "due"
    NOT_DUE = "not_due"
    COMPLETE = "complete"
    NOT_DONE = "not_done"


TAGS = {
    VisitStanding.OVERDUE: Tag("Overdue", Colour.ORANGE, Icon.OVERDUE),
    VisitStanding.IN_PROGRESS: Tag("In progress", Colour.BLUE, Icon.IN_PROGRESS),
    VisitStanding.DUE: Tag("Due", Colour.YELLOW, Icon.DUE),
    VisitStanding.NOT_DUE: Tag("Not due", None, Icon.NOT_DUE),
    VisitStanding.COMPLETE: Tag("Complete", None, Icon.COMPLETE),
    VisitStanding.NOT_DONE: Tag("Missed", None, Icon.NOT_DONE),
}
QUERY = Tag("Query", Colour.ORANGE, Icon.QUERY)
FORM_TAGS = {
    None: Tag("Not started", None, Icon.DUE),
    "in_progress": TAGS[VisitStanding.IN_PROGRESS],
    "complete": TAGS[VisitStanding.COMPLETE],
    "not_done": Tag("Not done", None, Icon.NOT_DONE),
}
URGENT = (VisitStanding.OVERDUE, VisitStanding.IN_PROGRESS, VisitStanding.DUE)
_ORDER = list(VisitStanding)
NEVER = "9999-12-31"
"""After every window that closes."""


def get_standing(visit: Visit, today: date) -> VisitStanding:
    """Return the standing of a visit on a day at its site."""
    if visit.status == VisitStatus.PLANNED:
        return _get_standing_of_planned(visit, today.isoformat())
    return VisitStanding(visit.status.value)


def _get_standing_of_planned(visit: Visit, today: str) -> VisitStanding:
    if visit.latest is not None and visit.latest < today:
        return VisitStanding.OVERDUE
    if visit.earliest is None or visit.earliest <= today:
        return VisitStanding.DUE
    return VisitStanding.NOT_DUE


def find_most_urgent(visits: Sequence[Visit], today: date) -> Visit:
    """Return the visit to show among several: one that needs work, else the next one."""
    return min(
        visits,
        key=lambda visit: (_ORDER.index(get_standing(visit, today)), *_rank_visit(visit, today)),
    )


def _rank_visit(visit: Visit, today: date) -> tuple[str, int]:
    """The rank among visits of one standing: the first window to close, or the latest finished."""
    if get_standing(visit, today) in (VisitStanding.COMPLETE, VisitStanding.NOT_DONE):
        return "", -visit.occurrence
    return visit.latest or NEVER, visit.occurrence


def window_words(visit: Visit) -> str:
    """When a visit is due, in words: the window, or the day when it is only one."""
    if visit.earliest is None or visit.latest is None:
        return "Any day"
    first, last = parse_iso(visit.earliest).words, parse_iso(visit.latest).words
    return first if first == last else f"{first} to {last}"
