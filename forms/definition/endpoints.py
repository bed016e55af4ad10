"""Time-to-event endpoints: their origin, events and censoring."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from forms.vocabulary import EventName, Formula, Name, Part, Provenance, Words


class Evaluable(Part):
    """An assessment after which the participant is known to be free of the event."""

    instrument: Name
    when: Formula | None = None


class Endpoint(Part):
    """A time-to-event endpoint.

    origin: the event at day 0. events: the first of these ends the time. competing: the first of
    these ends the time as another outcome. Otherwise the time is censored at the last evaluable
    assessment's date, or at the last contact.
    event_date: the earliest of the dates recorded, or the date the assessment was made.
    partial_dates: which day stands for a date of which day or month is unknown.
    """

    name: Name
    title: Words
    provenance: Provenance | None = None
    origin: EventName
    events: tuple[EventName, ...] = Field(min_length=1)
    competing: tuple[EventName, ...] = ()
    evaluable: tuple[Evaluable, ...] = ()
    censoring: Literal["last_evaluable_assessment", "last_contact"] = "last_evaluable_assessment"
    event_date: Literal["earliest_recorded", "assessment_date"] = "earliest_recorded"
    partial_dates: Literal["earliest", "midpoint", "latest"] = "midpoint"
    wording: Words
