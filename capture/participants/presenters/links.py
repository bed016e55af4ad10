"""The addresses of participants' pages and of the pages below them."""

from __future__ import annotations

from flask import url_for

from capture.participants.records import Participant, Visit
from forms.definition import LOG_VISIT, Study


def person_url(person: Participant) -> str:
    """Return the participant's page."""
    return url_for("participants.person", study=person.study, pid=person.id)


def visit_url(person: Participant, visit: Visit) -> str:
    """Return the page of one visit."""
    return url_for("participants.visit", study=person.study, pid=person.id, visit_id=visit.id)


def work_url(person: Participant, visit: Visit) -> str:
    """Where the work of a visit is: its only form, or the page that lists them."""
    if len(visit.instruments) == 1:
        return form_url(person, visit.id, visit.instruments[0])
    return visit_url(person, visit)


def form_url(person: Participant, visit_id: str, instrument: str) -> str:
    """Return a form at a visit."""
    return f"{person_url(person)}/visits/{visit_id}/{instrument}"


def log_url(person: Participant, instrument: str) -> str:
    """Return a log form, which belongs to no visit."""
    return form_url(person, LOG_VISIT, instrument)


def randomise_url(person: Participant, randomisation: str) -> str:
    """Return the page that leads to an allocation."""
    return f"{person_url(person)}/randomise/{randomisation}"


def allocation_url(person: Participant, randomisation: str) -> str:
    """Return the page of a made allocation: to print it, and to note who was notified."""
    return f"{randomise_url(person, randomisation)}/result"


def dose_url(person: Participant, part: str) -> str:
    """The page that registers somebody at a dose level, or shows where they were registered."""
    return f"{person_url(person)}/dose/{part}"


def moved_url(study: str) -> str:
    """Who moved away from the reader's sites."""
    return f"{url_for('participants.index', study=study).removesuffix('/participants')}/moved"


def put_right_url(person: Participant, *parts: str) -> str:
    """Return what can be put right about a person; parts lead on to one act."""
    return "/".join((person_url(person), "put-right", *parts))


def cohort_url(person: Participant) -> str:
    """Return the page on which the cohort is recorded."""
    return f"{person_url(person)}/cohort"


def visit_title(study: Study, visit: Visit) -> str:
    """Return a visit's heading, with its number where it may come again."""
    kind = study.visit(visit.slug)
    if kind.unscheduled and visit.occurrence > 1:
        return f"{kind.title} {visit.occurrence}"
    return kind.occurrence_title(visit.occurrence)
