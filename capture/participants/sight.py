"""Who may see an arm, and what is hidden from everybody else because it would tell it."""

from __future__ import annotations

from capture.access import MAY, SYSTEM, Action, Actor
from capture.participants.rows import Participant, Visit
from forms.blinding import arm_revealing
from forms.definition import Study


def sees_arms(actor: Actor, study: Study, site: str) -> bool:
    """Whether this person may see individual arms at a site: by role, by study, and not masked."""
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
    if sees_what_arms_decide(actor, study, person):
        return visits
    withheld = arm_revealing(study).visits
    return [visit for visit in visits if visit.slug not in withheld]
