"""Which actions are possible for a person now, by state and role, with links to their pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import url_for

from capture.access import Action
from capture.participants import event_kinds
from capture.participants.presenters.links import cohort_url, log_url, put_right_url
from capture.participants.presenters.next_steps import Outlook, Step
from capture.participants.records import Participation, Status


@dataclass(frozen=True)
class Act:
    """An action's page, who may do it, and for which statuses and states it is possible."""

    text: str
    endpoint: str
    action: Action
    statuses: frozenset[Status]
    states: frozenset[Participation]


SCREENED = frozenset({Status.SCREENED})
ENROLLED = frozenset({Status.ENROLLED})
TAKING_PART = frozenset({Participation.ON_STUDY, Participation.LOST})
ANY = frozenset(Participation)

_OFFERED: list[Act] = []
View = TypeVar("View", bound=Callable[..., Any])


def offer(
    text: str, statuses: frozenset[Status], states: frozenset[Participation]
) -> Callable[[View], View]:
    """Link a view from the participant's page for these statuses; to be placed above @allow.

    Actions are offered in the order in which their views are registered.
    """

    def mark(view: View) -> View:
        action: Action = view.allowed_action  # type: ignore[attr-defined]
        _OFFERED.append(Act(text, view.__name__, action, statuses, states))
        return view

    return mark


def list_possible_acts(outlook: Outlook) -> list[Step]:
    """Return the actions that this actor may do for this person now."""
    person = outlook.person
    found = [
        Step(act.text, _find_own_form(outlook, act) or _url(outlook, act.endpoint))
        for act in _OFFERED
        if person.status in act.statuses
        and person.participation in act.states
        and outlook.may(act.action)
    ]
    if person.status == Status.NOT_ENROLLED and outlook.may(Action.PARTICIPANT_SCREEN):
        url = url_for("participants.screen", study=person.study, earlier=person.id)
        found.append(Step("Re-screen participant", url))
    if _may_correct_cohort(outlook):
        found.append(Step("Correct the cohort", f"{cohort_url(person)}/correct"))
    if _has_ending(outlook) and outlook.may(Action.PARTICIPANT_RETURN):
        found.append(
            Step("Correct a withdrawal, death or loss to follow-up", _url(outlook, "undo"))
        )
    if outlook.may(Action.PARTICIPANT_RENUMBER):
        found.append(Step("Corrections", put_right_url(person)))
    return found


def _find_own_form(outlook: Outlook, act: Act) -> str | None:
    """Return the study's own form for a death, which asks the date once and the cause with it."""
    study, person = outlook.study, outlook.person
    dated_by = [event.date_item for event in study.events if event.name == event_kinds.DEATH]
    if act.action != Action.PARTICIPANT_RECORD_DEATH or not dated_by:
        return None
    if not outlook.may(Action.ENTRY_SAVE):
        return None
    form = study.instrument_of(dated_by[0])
    return f"{log_url(person, form.name)}?instance=1" if form.log else None


def _may_correct_cohort(outlook: Outlook) -> bool:
    is_recorded = any(fact.kind == event_kinds.COHORT for fact in outlook.facts)
    return is_recorded and outlook.viewer.sees_cohorts and outlook.may(Action.COHORT_CORRECT)


def _has_ending(outlook: Outlook) -> bool:
    noted = {
        fact.kind for fact in outlook.facts if not fact.source or fact.kind == event_kinds.LOSS
    }
    return bool(noted & {*event_kinds.WITHDRAWALS, event_kinds.DEATH, event_kinds.LOSS})


def _url(outlook: Outlook, endpoint: str) -> str:
    person = outlook.person
    return url_for(f"participants.{endpoint}", study=person.study, pid=person.id)
