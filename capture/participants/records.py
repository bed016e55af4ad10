"""Participants, visits, facts and consent as other features see them: frozen and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The status of a person in the study."""

    SCREENED = "screened"
    NOT_ENROLLED = "not_enrolled"
    ENROLLED = "enrolled"
    IN_ERROR = "in_error"

    @property
    def label(self) -> str:
        return _STAGES[self]


_STAGES = {
    Status.SCREENED: "In screening",
    Status.NOT_ENROLLED: "Not recruited",
    Status.ENROLLED: "Registered",
    Status.IN_ERROR: "Entered in error",
}


class Participation(StrEnum):
    """Whether the person still takes part; after an end only late entry is possible."""

    ON_STUDY = "on_study"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DIED = "died"

    @property
    def label(self) -> str:
        words = {"on_study": "Active", "lost": "Lost to follow-up"}
        return words.get(self.value, self.value.capitalize())


class VisitStatus(StrEnum):
    """The status of a visit; a `void` one is no longer planned and nothing was entered for it."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    NOT_DONE = "not_done"
    VOID = "void"

    @property
    def label(self) -> str:
        return _VISIT_STATUSES[self]


_VISIT_STATUSES = {
    VisitStatus.PLANNED: "Planned",
    VisitStatus.IN_PROGRESS: "In progress",
    VisitStatus.COMPLETE: "Complete",
    VisitStatus.NOT_DONE: "Missed",
    VisitStatus.VOID: "Cancelled",
}


class Flag(StrEnum):
    """What is wrong with a visit that was entered; shown on its page and in the datasets."""

    UNPLANNED = "unplanned"
    BEFORE_ANCHOR = "before_anchor"

    @property
    def words(self) -> str:
        return _FLAGS[self]


_FLAGS = {
    Flag.UNPLANNED: "This visit has data, but it is no longer in the visit schedule. "
    "Check the dates it depends on, or mark the visit as entered in error.",
    Flag.BEFORE_ANCHOR: "The visit date is before its reference date. Check both dates.",
}


@dataclass(frozen=True)
class Participant:
    """One person in one study; the id never changes, the numbers are what people read."""

    id: str
    study: str
    site: str
    site_recruited: str
    screening_number: str
    participant_number: str | None
    status: Status
    participation: Participation
    screened_on: str
    enrolled_on: str | None
    source: str | None
    age_band: str | None
    reason_not_recruited: str | None
    episode: int
    earlier_episode: str | None
    open_queries: int
    logs: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    cohort: str | None = None

    @property
    def number(self) -> str:
        """The number to show: the participant number, before enrolment the screening number."""
        return self.participant_number or self.screening_number

    @property
    def subject(self) -> str:
        """The ledger's name for this person."""
        return f"participant/{self.id}"


@dataclass(frozen=True)
class ConsentEvent:
    """Consent given, given again or withdrawn; `date` is an ISO date at the site."""

    id: str
    scope: str
    kind: str
    version: str | None
    date: str
    taken_by: str
    site: str = ""
    assent: bool | None = None
    parent: bool | None = None

    @property
    def is_given(self) -> bool:
        return self.kind != "withdrawn"


@dataclass(frozen=True)
class ParticipantEvent:
    """Something that happened on a date (ISO, may be partial): an allocation, a death, an event."""

    id: str
    kind: str
    source: str
    date: str
    value: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


TIME_TO_FILL_IN = timedelta(days=14)
"""A visit that nobody planned has taken place when it is added, so there is no day to miss, only
forms to fill in: it is overdue when that has not begun two weeks after it was added."""


@dataclass(frozen=True)
class Visit:
    """One visit of one participant; `forms` says how far each of its instruments came."""

    id: str
    participant: str
    site: str
    slug: str
    occurrence: int
    target_date: str | None
    earliest: str | None
    latest: str | None
    anchor: str | None
    planned: bool
    status: VisitStatus
    visit_date: str | None
    appointment: str | None
    reason: str | None
    instruments: tuple[str, ...]
    forms: dict[str, str]
    open_queries: int
    flag: str | None = None

    @property
    def is_touched(self) -> bool:
        """Whether anything was recorded for it, so that planning again does not remove it."""
        return self.status not in (VisitStatus.PLANNED, VisitStatus.VOID)


@dataclass(frozen=True)
class SiteMove:
    """A move to another site, the person's first, second …; `ledger_id` is its ledger row."""

    id: str
    participant: str
    from_site: str
    to_site: str
    date: str
    at: str
    ledger_id: str
    number: int


@dataclass(frozen=True)
class FormerNumber:
    """A number that was corrected: still found, never given to anybody else."""

    id: str
    participant: str
    site: str
    kind: str
    number: str
    at: str
