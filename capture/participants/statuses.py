"""The two statuses of a participant: the stage in the study, and participation."""

from __future__ import annotations

from collections.abc import Collection

from capture.access import Actor
from capture.participants import event_kinds
from capture.participants.presenters.groups import GroupEvent
from capture.participants.reasons import NOT_ENROLLED
from capture.participants.records import Participant, Participation, Status
from capture.visibility import get_viewer
from capture.web.page_data import Colour, Tag
from forms.definition import Study

INELIGIBLE = "not_eligible"


def stage_tag(
    actor: Actor, study: Study, person: Participant, facts: Collection[GroupEvent]
) -> Tag:
    """The stage, from the dated facts on record; an event that would tell an arm is left out."""
    viewer = get_viewer(actor, study, person.site)
    known = {fact.kind for fact in facts if viewer.shows_event(fact.kind)}
    if person.status == Status.ENROLLED:
        return Tag(_enrolled_words(study, known), Colour.GREEN)
    if person.status == Status.NOT_ENROLLED:
        return Tag(_not_recruited_words(person, known), Colour.GREY)
    return Tag(person.status.label, Colour.GREY if person.status == Status.IN_ERROR else None)


def _enrolled_words(study: Study, known: Collection[str]) -> str:
    if event_kinds.TREATMENT_WITHDRAWAL in known:
        return "Stopped treatment"
    is_allocated = any(
        event_kinds.allocation(randomisation.name) in known
        for randomisation in study.randomisations
    )
    return "Randomised" if is_allocated else Status.ENROLLED.label


def _not_recruited_words(person: Participant, known: Collection[str]) -> str:
    reason = person.reason_not_recruited or ""
    if reason == INELIGIBLE and event_kinds.CONSENT in known:
        return "Screen failure"
    said = NOT_ENROLLED.get(reason)
    return f"{Status.NOT_ENROLLED.label}: {said}" if said else Status.NOT_ENROLLED.label


def participation_tag(person: Participant, facts: Collection[GroupEvent]) -> Tag:
    """Return whether data are still collected, and from what."""
    if person.participation == Participation.WITHDRAWN:
        is_ended = any(fact.kind == event_kinds.DATA_WITHDRAWAL for fact in facts)
        return Tag("No further data" if is_ended else "Records only", Colour.ORANGE)
    colours = {Participation.LOST: Colour.ORANGE, Participation.DIED: Colour.GREY}
    return Tag(person.participation.label, colours.get(person.participation))
