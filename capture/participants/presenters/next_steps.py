"""The next steps for a person: consent, randomisation, the visit that is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import url_for

from capture.access import Action, Actor
from capture.participants import event_kinds
from capture.participants.presenters.links import (
    cohort_url,
    dose_url,
    randomise_url,
    visit_title,
    work_url,
)
from capture.participants.records import Participant, ParticipantEvent, Participation, Status, Visit
from capture.participants.visit_status import VisitStanding, find_most_urgent, get_standing
from capture.visibility import Viewer, get_viewer
from forms.definition import Study

CONFIRM = "Confirm eligibility and randomise"


@dataclass(frozen=True)
class Step:
    """One thing to do next, and where."""

    text: str
    url: str


@dataclass(frozen=True)
class Outlook:
    """A person as one actor sees it today: visits are those that may be shown.

    asks_consent: whether the person moved here and has not consented here yet.
    """

    actor: Actor
    study: Study
    person: Participant
    facts: tuple[ParticipantEvent, ...]
    visits: tuple[Visit, ...]
    today: date
    asks_consent: bool = False

    @cached_property
    def viewer(self) -> Viewer:
        """What the actor may see at the person's site."""
        return get_viewer(self.actor, self.study, self.person.site)

    def may(self, action: Action) -> bool:
        """Return whether the actor may do this at the person's site."""
        return self.actor.may(action, self.person.study, self.person.site)


def list_next_steps(outlook: Outlook) -> list[Step]:
    """The steps that this actor can do next for the person, in order; empty when there are none.

    A visit that waits and is not begun comes before the allocation, one that is begun after it.
    """
    if outlook.person.status in (Status.NOT_ENROLLED, Status.IN_ERROR):
        return []
    fresh = _list_entry_steps(outlook, {VisitStanding.DUE, VisitStanding.OVERDUE})
    begun = _list_entry_steps(outlook, {VisitStanding.IN_PROGRESS})
    return [*_list_consent_steps(outlook), *fresh, *_list_joining_steps(outlook), *begun]


def _list_consent_steps(outlook: Outlook) -> Iterator[Step]:
    person = outlook.person
    if outlook.asks_consent and outlook.may(Action.CONSENT_RECORD):
        url = url_for("participants.consent", study=person.study, pid=person.id)
        yield Step("Record consent at this site", url)


def _list_entry_steps(outlook: Outlook, wanted: set[VisitStanding]) -> Iterator[Step]:
    visits = [visit for visit in outlook.visits if get_standing(visit, outlook.today) in wanted]
    if visits and outlook.may(Action.ENTRY_SAVE):
        visit = find_most_urgent(visits, outlook.today)
        title = visit_title(outlook.study, visit)
        yield Step(f"Enter {title}", work_url(outlook.person, visit))


def _list_joining_steps(outlook: Outlook) -> Iterator[Step]:
    """The steps of joining: consent, enrolment, cohort, allocation; none after death or withdrawal.

    One page does all three, so it comes first; enrolling alone stays open for who joins earlier.
    """
    person = outlook.person
    if person.participation in (Participation.DIED, Participation.WITHDRAWN):
        return
    is_screened = person.status == Status.SCREENED
    yield from _list_allocation_steps(outlook, "Enrol and randomise" if is_screened else CONFIRM)
    if not is_screened:
        yield from _list_cohort_steps(outlook)
        yield from _list_dose_steps(outlook)
    if is_screened and outlook.may(Action.PARTICIPANT_ENROL):
        url = url_for("participants.enrol", study=person.study, pid=person.id)
        yield Step("Record consent and enrol", url)


def _list_cohort_steps(outlook: Outlook) -> Iterator[Step]:
    """Yield the step to record the cohort of an enrolled person, for actors who may see cohorts."""
    person, study = outlook.person, outlook.study
    known = {fact.kind for fact in outlook.facts}
    if not study.cohorts or event_kinds.COHORT in known or not outlook.may(Action.COHORT_RECORD):
        return
    if outlook.viewer.sees_cohorts:
        yield Step("Record the cohort", cohort_url(person))


def _list_dose_steps(outlook: Outlook) -> Iterator[Step]:
    """Registering at a dose level, once for everybody enrolled, by whoever may see levels."""
    known = {fact.kind for fact in outlook.facts}
    for part in outlook.study.dose_finding:
        is_open = event_kinds.dose(part.name) not in known
        if is_open and outlook.viewer.sees_levels and outlook.may(Action.DOSE_REGISTER):
            yield Step("Register at a dose level", dose_url(outlook.person, part.name))


def _list_allocation_steps(outlook: Outlook, words: str) -> Iterator[Step]:
    """The first allocation that is still open; of somebody screened its page enrols as well."""
    known = {fact.kind for fact in outlook.facts}
    for randomisation in outlook.study.randomisations:
        is_open = event_kinds.allocation(randomisation.name) not in known
        if is_open and outlook.may(Action.RANDOMISATION_ALLOCATE):
            yield Step(words, randomise_url(outlook.person, randomisation.name))
            return
