"""The blueprint of the randomisation pages, and what the pages about one participant need."""

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
    """One participant and one randomisation, as the signed-in person finds them."""

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
        """Whether an investigator signs eligibility in the program."""
        return self.randomisation.eligibility_confirmed_by == "esign"

    @property
    def viewer(self) -> Viewer:
        """What the signed-in person may see of the participant."""
        return get_viewer(actor(), self.study, self.person.site)

    @property
    def sees_arm(self) -> bool:
        return self.viewer.sees_arms

    def may(self, action: Action) -> bool:
        return actor().may(action, self.study.slug, self.person.site)

    def url(self, page: str = "way", **more: str) -> str:
        """The address of a page of this case."""
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
        """Who a page is about; the arm only for who may see it."""
        facts = participants.list_events(reading(), self.person.id)
        return make_banner(actor(), self.study, self.person, site=self.site.name, facts=facts)

    def form_address(self, place: Place) -> str | None:
        """The address of the form at a place; None where the participant has no such visit."""
        return make_address_finder(reading(), self.person)(place)


def open_case(study: str, pid: str, name: str, action: Action) -> RandomisationCase:
    """Look a case up. Raises NotFound; NotAllowed when the role does not include this there."""
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
    """Raises NotFound for a study without any randomisation."""
    if not study.randomisations:
        raise NotFound("This study does not randomise. Go back to the page you came from.")


def randomisation_of(study: Study, name: str) -> Randomisation:
    """A randomisation of the study. Raises NotFound."""
    refuse_without(study)
    try:
        return study.randomisation(name)
    except KeyError as problem:
        raise NotFound("This study has no such randomisation. Check the address.") from problem


@place_needs("randomisation.index")
def randomises(connection: sa.Connection, study: str) -> bool:
    """Whether a study randomises; one that nobody published yet may."""
    try:
        return bool(study_reads.get_definition_for(connection, study).randomisations)
    except NotFound:
        return True


def to(url: str) -> Response:
    """Lead to another page of ours."""
    return cast(Response, redirect(url, 303))


def page(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"randomisation/{template}", columns=columns, **content)


def columns(*texts: str) -> list[TableColumn]:
    """The heads of a table."""
    return [TableColumn(text) for text in texts]


def name_of(user: str) -> str:
    """The name of whoever acted."""
    try:
        return people.get_account(reading(), user).name
    except NotFound:
        return "Sarcomere" if user == "system" else user


def investigators(case: RandomisationCase) -> list[str]:
    """Who may sign eligibility at the site today, by name."""
    found = [
        member.name
        for member in people.list_all_members(reading(), case.study.slug)
        if member.membership.role is Role.INVESTIGATOR
        and member.membership.in_force(people.get_today())
        and (member.membership.sites is None or case.person.site in member.membership.sites)
    ]
    return sorted(set(found))


def when(instant: str, zone: str) -> str:
    """An instant in words, in the site's time with the zone named."""
    local = clock.from_text(instant).astimezone(ZoneInfo(zone))
    return f"{day(local.date().isoformat())}, {local:%H:%M} ({zone})"


def day(iso: str) -> str:
    return parse_iso(iso).words
