"""The banner of a page about one participant."""

from __future__ import annotations

from collections.abc import Collection

from capture.access import Actor
from capture.participants.presenters.groups import GroupEvent, arm_labels, cohort_title
from capture.participants.presenters.links import person_url
from capture.participants.records import Participant
from capture.participants.statuses import participation_tag, stage_tag
from capture.visibility import get_viewer
from capture.web.page_data import ParticipantBanner
from forms.definition import Study


def make_banner(
    actor: Actor, study: Study, person: Participant, *, site: str, facts: Collection[GroupEvent]
) -> ParticipantBanner:
    """The banner of a person's pages; arm and cohort for who may see them. site: its name."""
    viewer = get_viewer(actor, study, person.site)
    return ParticipantBanner(
        number=person.number,
        site=site,
        stage=stage_tag(actor, study, person, facts),
        participation=participation_tag(person, facts),
        url=person_url(person),
        arm=arm_labels(study, facts) if viewer.sees_arms else None,
        cohort=cohort_title(study, facts) if viewer.sees_cohorts else None,
    )
