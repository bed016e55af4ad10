"""What all pages about one participant need: the person, study, viewer, banner and forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Response

from capture.access import Action
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.presenters.banners import make_banner
from capture.participants.presenters.links import person_url
from capture.participants.records import Participant, ParticipantEvent
from capture.problems import NotAllowed, Problem
from capture.study import reads as study_reads
from capture.visibility import Viewer, get_viewer
from capture.web.act_forms import ActForm
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, sent_form
from capture.web.page_data import ParticipantBanner
from capture.web.perform import Answer, actor, reading
from forms.definition import Study

AnyForm = TypeVar("AnyForm", bound=ActForm)


def require_person(study: str, pid: str, action: Action) -> Participant:
    """Return the participant an act is about. Raises NotFound; NotAllowed for too small a role."""
    person = reads.get_participant(reading(), actor(), study, pid)
    if not actor().may(action, study, person.site):
        raise NotAllowed("Your role does not include this here.")
    return person


def definition(person: Participant) -> Study:
    """Return the study as it is in force at the person's site."""
    return study_reads.get_definition_for(reading(), person.study, person.site)


def viewer(person: Participant) -> Viewer:
    """Return what the signed-in person may see of a participant."""
    return get_viewer(actor(), definition(person), person.site)


def banner(
    person: Participant, facts: Sequence[ParticipantEvent] | None = None
) -> ParticipantBanner:
    """Who a page is about."""
    connection = reading()
    known = reads.list_events(connection, person.id) if facts is None else facts
    site = study_reads.get_site(connection, person.study, person.site).name
    return make_banner(actor(), definition(person), person, site=site, facts=known)


def make_form(kind: type[AnyForm], person: Participant, **stored: object) -> AnyForm:
    """Make a form about a person, with what was sent now or typed before the session ended."""
    today = reads.get_today_at(reading(), person.study, person.site)
    return kind(sent_form(), today=today, **stored)


def do_person_act(
    person: Participant,
    page: ActPage,
    form: ActForm,
    act: Callable[[Transaction], Answer],
    *,
    back_url: str = "",
) -> Response:
    """Show the page of an action about a person, or validate its form and do it."""

    def draw(problem: Problem | None) -> str:
        fresh = person if problem is None else _read_anew(person)
        back = WayBack(back_url or person_url(fresh))
        return draw_act(page, form, problem, back, banner=banner(fresh))

    return do_act(form, act, draw)


def _read_anew(person: Participant) -> Participant:
    return reads.get_participant(reading(), actor(), person.study, person.id)
