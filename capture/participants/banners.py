"""Who a page is about, as its banner says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from capture.access import Actor
from capture.participants import kinds
from capture.participants.links import person_url
from capture.participants.rows import Participant
from capture.participants.sight import Told, cohort_title, sees_arms
from capture.participants.standing import person_tag
from capture.parts import ParticipantBanner
from forms.definition import Study


def banner_of(
    actor: Actor, study: Study, person: Participant, *, site: str, facts: Collection[Told]
) -> ParticipantBanner:
    """The banner of a person's pages; arm and cohort for who may see them. site: its name."""
    sees = sees_arms(actor, study, person.site)
    return ParticipantBanner(
        number=person.number,
        site=site,
        status=person_tag(person),
        url=person_url(person),
        arm=_arm(study, facts) if sees else None,
        cohort=cohort_title(study, facts) if sees else None,
    )


def _arm(study: Study, facts: Iterable[Told]) -> str | None:
    arms = {kinds.allocation(one.name): one for one in study.randomisations}
    allocated = [fact for fact in facts if fact.kind in arms and fact.value]
    labels = (arms[fact.kind].arm(fact.value or "").label for fact in allocated)
    return ", ".join(labels) or None
