"""Opening a form: everything that its page, its save and its draft need, looked up once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for

from capture import clock
from capture.access import Action, Role
from capture.entry import reads, service
from capture.participants import reads as participant_reads
from capture.participants.presenters.banners import make_banner
from capture.participants.presenters.links import visit_title
from capture.participants.records import Participant, Visit
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.study.reads import Site
from capture.visibility import Viewer, get_viewer
from capture.web.page_data import ParticipantBanner
from capture.web.perform import actor, reading
from forms.build import InstrumentForm, PublishedForms
from forms.definition import LOG_VISIT, Study
from forms.evaluation_scope import Place, StudyScope


@dataclass(frozen=True)
class FormContext:
    """One form of one participant as the signed-in person finds it."""

    location: service.EntryLocation
    forms: PublishedForms
    study_version: int
    site: Site
    role: Role
    may_save: bool
    now: datetime

    @cached_property
    def casebook(self) -> reads.Casebook:
        """What the form's expressions read; loaded at its first use, which a save never does."""
        return service.get_location_casebook(reading(), self.location, self.site)

    @property
    def entry(self) -> reads.Entry | None:
        return self.casebook.entries.get(self.location.key)

    @property
    def version(self) -> int:
        return self.entry.version if self.entry else 0

    @property
    def today(self) -> date:
        """The site's date."""
        return self.now.astimezone(ZoneInfo(self.site.zone)).date()

    @property
    def scope(self) -> StudyScope:
        return service.get_scope(self.location, self.casebook)

    @property
    def form_class(self) -> type[InstrumentForm]:
        """The form as this person's role may see it."""
        return self.forms.form_class(
            self.location.key.instrument,
            role=self.role,
            read_only=not self.may_save,
            without=self.viewer.withheld.items,
        )

    @cached_property
    def viewer(self) -> Viewer:
        """What the signed-in person may see of the participant."""
        return get_viewer(actor(), self.location.study, self.location.person.site)

    def url(self, endpoint: str = "entry.show", **more: Any) -> str:
        """The address of this form's page, or of an act on it."""
        return form_url(
            self.location.person, self.location.visit, self.location.key, endpoint, **more
        )


def form_url(
    person: Participant,
    visit: Visit | None,
    key: Place,
    endpoint: str = "entry.show",
    **more: Any,
) -> str:
    """The address of a form; its instance is named where the form may be repeated."""
    parts: dict[str, Any] = {
        "study": person.study,
        "pid": person.id,
        "visit": visit.id if visit else LOG_VISIT,
        "instrument": key.instrument,
    }
    if key.instance > 1 or visit is None:
        parts["instance"] = key.instance
    return url_for(endpoint, **{**parts, **more})


def visit_words(study: Study, visit: Visit | None) -> str:
    """Where a form is filled in, as a heading says it."""
    return visit_title(study, visit) if visit else "Log form"


def open_form(study: str, pid: str, visit: str, instrument: str) -> FormContext:
    """Look a form up for the signed-in person. Raises NotFound, Refused."""
    connection, who = reading(), actor()
    person = participant_reads.get_participant(connection, who, study, pid)
    published = study_reads.get_version_in_force(connection, study)
    forms = study_reads.get_published_forms(connection, published)
    location = _get_location(forms, person, visit, instrument)
    saving = who.role_for(Action.ENTRY_SAVE, study, person.site)
    looking = who.role_for(Action.ENTRY_VIEW, study, person.site)
    role = saving or looking
    if role is None:
        raise NotFound("There is no such participant at your sites. Check the number.")
    return FormContext(
        location=location,
        forms=forms,
        study_version=published.number,
        site=study_reads.get_site(connection, study, person.site),
        role=role,
        may_save=saving is not None,
        now=clock.now(),
    )


def _get_location(
    forms: PublishedForms, person: Participant, visit: str, instrument: str
) -> service.EntryLocation:
    visit_row = None
    viewer = get_viewer(actor(), forms.study, person.site)
    if not viewer.shows_form(instrument):
        raise NotFound("There is no such form. Go back to the participant's page.")
    if visit != LOG_VISIT:
        visit_row = participant_reads.get_visit(reading(), person.id, visit)
        if not viewer.shows_visit(visit_row.slug):
            raise NotFound("This participant has no such visit. Go back to the participant's page.")
    slug, occurrence = (visit_row.slug, visit_row.occurrence) if visit_row else (LOG_VISIT, 1)
    key = Place(slug, occurrence, instrument, read_instance() or 1)
    return service.get_location_at(forms.study, person, key, visit_row)


def read_instance() -> int | None:
    """The instance that the address names; None without. Raises NotFound for what is no number."""
    text = request.args.get("instance")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise NotFound("There is no such form. Go back to the participant's page.")
    return int(text)


def get_banner(context: FormContext) -> ParticipantBanner:
    """The banner of the participant that the form is about."""
    location, facts = context.location, context.casebook.facts
    return make_banner(
        actor(), location.study, location.person, site=context.site.name, facts=facts
    )
