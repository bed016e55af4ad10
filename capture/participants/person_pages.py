"""What pages about one participant begin with, whichever feature they are of."""

from __future__ import annotations

from collections.abc import Sequence

from capture.access import Action
from capture.chrome import PageError
from capture.components import errors_of
from capture.participants import reads
from capture.participants.act_forms import ActForm
from capture.participants.banners import banner_of
from capture.participants.rows import DatedFact, Participant
from capture.parts import ParticipantBanner
from capture.problems import InvalidInput, NotAllowed, Problem
from capture.study import reads as study_reads
from capture.web import actor, reading
from forms.definition import Study


def require_person(study: str, pid: str, action: Action) -> Participant:
    """The participant an act is about. Raises NotFound; NotAllowed for too small a role."""
    person = reads.participant(reading(), actor(), study, pid)
    if not actor().may(action, study, person.site):
        raise NotAllowed("Your role does not include this here.")
    return person


def definition(person: Participant) -> Study:
    """The study as it is in force at the person's site."""
    return study_reads.definition_for(reading(), person.study, person.site)


def banner(person: Participant, facts: Sequence[DatedFact] | None = None) -> ParticipantBanner:
    """Who a page is about."""
    connection = reading()
    known = reads.dated_facts(connection, person.id) if facts is None else facts
    site = study_reads.site(connection, person.study, person.site).name
    return banner_of(actor(), definition(person), person, site=site, facts=known)


def problems_of(form: ActForm, problem: Problem | None) -> list[PageError]:
    """What the summary at the top of a page lists: each wrong field, and what the act ran into."""
    if isinstance(problem, InvalidInput) and form.mark(problem.field, problem.message):
        return list(errors_of(form))
    found = list(errors_of(form))
    return found if problem is None else [*found, PageError(problem.message, "#main-content")]
