"""Who is shown dose levels: whoever may see arms in the study, and its committee; nobody masked."""

from __future__ import annotations

from capture.access import MAY, SYSTEM, Action, Actor
from capture.participants.sight import is_masked
from capture.problems import NotAllowed
from forms.definition import Study


def sees_levels(actor: Actor, study: Study, site: str | None = None) -> bool:
    """Whether this person may see dose levels, at a site or anywhere in the study."""
    if actor.kind == SYSTEM:
        return True
    if is_masked(actor, study.slug):
        return False
    if actor.may(Action.DOSE_DECIDE, study.slug):
        return True
    visible_to = {role.value for role in study.arm_visibility.visible_to}
    return any(
        grant.covers(study.slug, site)
        and grant.role in MAY[Action.DOSE_VIEW]
        and grant.role.value in visible_to
        for grant in actor.grants
    )


def refuse_the_blind(actor: Actor, study: Study, site: str | None = None) -> None:
    """Raises NotAllowed for whoever is not shown dose levels."""
    if not sees_levels(actor, study, site):
        raise NotAllowed("You are not shown dose levels in this study.")
