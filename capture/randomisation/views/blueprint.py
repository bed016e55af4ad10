"""The blueprint of the randomisation pages, and what pages about one participant need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, url_for

from capture import clock
from capture.access import Action, Role
from capture.accounts import reads as people
from capture.entry.presenters.criteria import make_address_finder
from capture.participants import reads as participants
from capture.participants.presenters.banners import make_banner
from capture.participants.records import Participant
from capture.problems import NotAllowed, NotFound
from capture.randomisation import reads
from capture.study import reads as study_reads
from capture.visibility import Viewer, get_viewer
from capture.web.layout import place_needs
from capture.web.page_data import ParticipantBanner, TableColumn
from capture.web.perform import actor, reading
from forms.build import PublishedForms
from forms.definition import Randomisation, Study
from forms.evaluation_scope import Place
from forms.partial_dates import parse_iso

bp = Blueprint("randomisation", "capture.randomisation", template_folder="templates")
PERSON = "/studies/<study>/participants/<pid>/randomise/<name>"
STUDY = "/studies/<study>/randomisations"


@dataclass(frozen=True)
class RandomisationCase:
    """A participant and a randomisation for a page of the signed-in user."""

    person: Participant
    study: Study
    study_version: int
    forms: PublishedForms
    randomisation: Randomisation
    site: study_reads.Site

    @property
    def today(self) -> date:
        return clock.today(self.site.zone)

    @property
    def is_signed(self) -> bool:
        """Whether an investigator signs eligibility in Sarcomere."""
        return self.randomisation.eligibility_confirmed_by == "esign"

    @property
    def viewer(self) -> Viewer:
        """What the signed-in user may see of the participant."""
        return get_viewer(actor(), self.study, self.person.site)

    @property
    def sees_arm(self) -> bool:
        return self.viewer.sees_arms

    def may(self, action: Action) -> bool:
        return actor().may(action, self.study.slug, self.person.site)

    def url(self, page: str = "way", **more: str) -> str:
        """Return the address of a page about this participant and randomisation."""
        return url_for(
            f"randomisation.{page}",
            study=self.study.slug,
            pid=self.person.id,
            name=self.randomisation.name,
            **more,  # type: ignore[arg-type]  # query arguments are text
        )

    def find_allocation(self) -> reads.AllocationRow | None:
        return reads.find_allocation(
            reading(), self.study.slug, self.person.id, self.randomisation.name
        )

    def banner(self) -> ParticipantBanner:
        """Return the banner with the participant; the arm only for a user who may see it."""
        facts = participants.list_events(reading(), self.person.id)
        return make_banner(actor(), self.study, self.person, site=self.site.name, facts=facts)

    def form_address(self, place: Place) -> str | None:
        """Return the address of the form at a place; None when the participant lacks the visit."""
        return make_address_finder(reading(), self.person)(place)


def open_case(study: str, pid: str, name: str, action: Action) -> RandomisationCase:
    """Get participant and randomisation. Raises NotFound; NotAllowed without the right there."""
    connection = reading()
    person = participants.get_participant(connection, actor(), study, pid)
    published = study_reads.get_version_in_force(connection, study)
    forms = study_reads.get_published_forms(connection, published)
    if not actor().may(action, study, person.site):
        raise NotAllowed("Your role does not include this here.")
    return RandomisationCase(
        person=person,
        study=forms.study,
        study_version=published.number,
        forms=forms,
        randomisation=randomisation_of(forms.study, name),
        site=study_reads.get_site(connection, study, person.site),
    )


def refuse_without(study: Study) -> None:
    """Raise NotFound for a study without randomisations."""
    if not study.randomisations:
        raise NotFound("This study does not randomise. Go back to the page you came from.")


def randomisation_of(study: Study, name: str) -> Randomisation:
    """Return a randomisation of the study. Raises NotFound."""
    refuse_without(study)
    try:
        return study.randomisation(name)
    except KeyError as problem:
        raise NotFound("This study has no such randomisation. Check the address.") from problem


@place_needs("randomisation.index")
def randomises(connection: sa.Connection, study: str) -> bool:
    """Return whether a study randomises; True for a study not published yet."""
    try:
        return bool(study_reads.get_definition_for(connection, study).randomisations)
    except NotFound:
        return True


def to(url: str) -> Response:
    """Redirect to another page of Sarcomere."""
    return cast(Response, redirect(url, 303))


def page(template: str, **content: object) -> str:
    """Render a page of this feature."""
    return render_template(f"randomisation/{template}", columns=columns, **content)


def columns(*texts: str) -> list[TableColumn]:
    """Return the column headings of a table."""
    return [TableColumn(text) for text in texts]


def name_of(user: str) -> str:
    """Return the name of the user who did something."""
    try:
        return people.get_account(reading(), user).name
    except NotFound:
        return "Sarcomere" if user == "system" else user


def investigators(case: RandomisationCase) -> list[str]:
    """Return the names of those who may sign eligibility at the site today."""
    found = [
        member.name
        for member in people.list_all_members(reading(), case.study.slug)
        if member.membership.role is Role.INVESTIGATOR
        and member.membership.in_force(people.get_today())
        and (member.membership.sites is None or case.person.site in member.membership.sites)
    ]
    return sorted(set(found))


def when(instant: str, zone: str) -> str:
    """Return an instant in words, in the site's time with its zone."""
    local = clock.from_text(instant).astimezone(ZoneInfo(zone))
    return f"{day(local.date().isoformat())}, {local:%H:%M} ({zone})"


def day(iso: str) -> str:
    return parse_iso(iso).words
