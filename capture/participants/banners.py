"""Who a page is about: the banner of pages about one participant."""

from __future__ import annotations

from collections.abc import Sequence

from capture.participants import kinds, reads
from capture.participants.links import person_url
from capture.participants.rows import DatedFact, Participant
from capture.participants.sight import cohort_title, sees_arms
from capture.participants.standing import person_tag
from capture.parts import ParticipantBanner
from capture.study import reads as study_reads
from capture.web import actor, reading
from forms.definition import Study


def banner(person: Participant, facts: Sequence[DatedFact] | None = None) -> ParticipantBanner:
    """Who a page is about; arm and cohort only for who may see them."""
    connection = reading()
    study = study_reads.definition_for(connection, person.study, person.site)
    known = reads.dated_facts(connection, person.id) if facts is None else facts
    sees = sees_arms(actor(), study, person.site)
    return ParticipantBanner(
        number=person.number,
        site=study_reads.site(connection, person.study, person.site).name,
        status=person_tag(person),
        url=person_url(person),
        arm=_arm(study, known) if sees else None,
        cohort=cohort_title(study, known) if sees else None,
    )


def _arm(study: Study, facts: Sequence[DatedFact]) -> str | None:
    arms = {kinds.allocation(one.name): one for one in study.randomisations}
    allocated = [fact for fact in facts if fact.kind in arms and fact.value]
    labels = (arms[fact.kind].arm(fact.value or "").label for fact in allocated)
    return ", ".join(labels) or None
