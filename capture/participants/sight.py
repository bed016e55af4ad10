"""Who may see an arm or a cohort, and what is hidden from everybody else as it would tell it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from capture.access import MAY, SYSTEM, Action, Actor
from capture.participants.kinds import COHORT
from capture.participants.rows import Participant, Visit
from forms.blinding import Revealing, arm_revealing
from forms.definition import Study


def sees_arms(actor: Actor, study: Study, site: str) -> bool:
    """Whether this person may see individual arms and cohorts: by role, by study, not masked."""
    if actor.kind == SYSTEM:
        return True
    visible_to = {role.value for role in study.arm_visibility.visible_to}
    return any(
        grant.covers(study.slug, site)
        and not grant.masked
        and grant.role in MAY[Action.ARM_VIEW]
        and grant.role.value in visible_to
        for grant in actor.grants
    )


def sees_what_arms_decide(actor: Actor, study: Study, person: Participant) -> bool:
    """Whether visits of one arm may be shown: to who sees arms, or where the study accepts it."""
    accepted = study.arm_visibility.revealing == "accept"
    return accepted or sees_arms(actor, study, person.site)


def shown_visits(
    actor: Actor, study: Study, person: Participant, visits: list[Visit]
) -> list[Visit]:
    """The visits this person may be shown; one that depends on an arm would name it."""
    hidden = withheld(actor, study, person).visits
    return [visit for visit in visits if visit.slug not in hidden]


def withheld(actor: Actor, study: Study, person: Participant) -> Revealing:
    """What this person is not shown of a participant, as it would tell an arm or a cohort."""
    return Revealing() if sees_what_arms_decide(actor, study, person) else arm_revealing(study)


class _Noted(Protocol):
    """A dated fact, however much of it was read."""

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> str | None: ...


def cohort_title(study: Study, facts: Iterable[_Noted]) -> str | None:
    """The recorded cohort in words; None before it is recorded. The caller asks `sees_arms`."""
    titles = {cohort.name: cohort.title for cohort in study.cohorts}
    recorded = [fact.value or "" for fact in facts if fact.kind == COHORT]
    return titles.get(recorded[-1], recorded[-1]) if recorded else None
