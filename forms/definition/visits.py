"""Visits and the dated events that they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from forms.vocabulary import ArmName, EventName, Formula, Name, Part, Provenance, Words

BUILT_IN_EVENTS = (
    "screening",
    "consent",
    "enrolment",
    "treatment_withdrawal",
    "data_withdrawal",
    "followup_withdrawal",
    "loss",
    "return",
    "death",
)
"""Events the application itself dates; `allocation` and `allocation.<randomisation>` join them."""


class StudyEvent(Part):
    """An event of this study, dated by a date item; happens when `when` holds (default: a date)."""

    name: Name
    title: Words
    date_item: Name
    when: Formula | None = None
    provenance: Provenance | None = None


class Span(Part):
    """A length of time in days or in calendar months, never both; may be negative."""

    days: int | None = Field(default=None, ge=-40000, le=40000)
    months: int | None = Field(default=None, ge=-1200, le=1200)


class Window(Part):
    """Days allowed before and after the target date."""

    before: int = Field(default=0, ge=0, le=3660)
    after: int = Field(default=0, ge=0, le=3660)


class Repeats(Part):
    """Occurrences at equal intervals after the first; without `times` they go on until an event."""

    every: Span
    times: int | None = Field(default=None, ge=2, le=400)
    counted_from: Literal["anchor", "previous"] = "anchor"
    titles: tuple[Words, ...] = ()


class Timing(Part):
    """When a visit is due.

    anchor: the event whose date plus `offset` is the target date of the first occurrence.
    due: an event before which the visit is not due: if its day is later, the window opens and the
        target date is on that day; the end of the window depends on the anchor alone.
    """

    anchor: EventName | None = None
    offset: Span = Span(days=0)
    window: Window = Window()
    due: EventName | None = None


class Visit(Timing):
    """A planned visit, or with `unscheduled` one that may be added on any day.

    by_cohort: cohorts with their own timing instead of the visit's.
    arms, cohorts, condition: which participants have the visit; empty means all.
    until: events after which no more occurrences are planned.
    """

    slug: Name
    title: Words
    provenance: Provenance | None = None
    unscheduled: bool = False
    by_cohort: Mapping[Name, Timing] = {}
    repeats: Repeats | None = None
    arms: tuple[ArmName, ...] = ()
    cohorts: tuple[Name, ...] = ()
    condition: Formula | None = None
    until: tuple[EventName, ...] = ()
    instruments: Annotated[tuple[Name, ...], Field(min_length=1)]

    def timing(self, cohort: str | None) -> Timing:
        """Return when the visit is due for a participant of a cohort; None means no cohort yet."""
        return self if cohort is None else self.by_cohort.get(cohort, self)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """Return all timings of the visit: its own and those of cohorts."""
        return (self, *self.by_cohort.values())

    def occurrence_title(self, occurrence: int) -> str:
        """Return the heading of one occurrence, counted from 1."""
        if self.repeats is None:
            return self.title
        if occurrence <= len(self.repeats.titles):
            return self.repeats.titles[occurrence - 1]
        return f"{self.title} {occurrence}"
