"""The blueprint of the dose-finding pages, with the study and participant that they need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for

from capture import clock
from capture.access import Action
from capture.accounts import reads as accounts
from capture.dose_finding import reads
from capture.dose_finding.reads import DoseOutcome, DoseStanding, Slot
from capture.participants.presenters.person_pages import require_person
from capture.participants.records import Participant
from capture.problems import NotFound
from capture.study import reads as studies
from capture.visibility import get_viewer
from capture.web.layout import place_needs
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading
from forms.definition import DoseFinding, Study
from randomiser.dose_finding import Act, Choice

bp = Blueprint("dose_finding", "capture.dose_finding", template_folder="templates")
STUDY = "/studies/<study>/dose-finding"
PERSON = "/studies/<study>/participants/<pid>/dose/<name>"
OUTCOMES = {
    DoseOutcome.DLT: "DLT",
    DoseOutcome.NO_DLT: "No DLT",
    DoseOutcome.NOT_EVALUABLE: "Not evaluable",
}
ACTS = {
    Act.ESCALATE: "Go up to level {level}",
    Act.STAY: "Stay at level {level}",
    Act.DE_ESCALATE: "Go down to level {level}",
    Act.WAIT: "Wait",
    Act.STOP: "Stop: no level is safe enough",
    Act.MTD: "Level {level} is the recommended dose",
    Act.COMMITTEE: "The committee decides",
}
CHOICES = {
    Choice.OPEN: "Open a dose level",
    Choice.MTD: "Name the recommended dose",
    Choice.WAIT: "Register no participants for now",
    Choice.STOP: "Stop this part",
}


@dataclass(frozen=True)
class Part:
    """A dose-finding part for a page of the signed-in user."""

    study: Study
    study_version: int
    name: str

    @property
    def definition(self) -> DoseFinding:
        return self.study.dose_part(self.name)

    @cached_property
    def standing(self) -> DoseStanding:
        """The status of the part today, in the study's time zone."""
        return reads.get_standing(reading(), self.study, self.name, clock.today(self.study.zone))

    def may(self, action: Action, site: str | None = None) -> bool:
        return actor().may(action, self.study.slug, site)

    def url(self, page: str = "show_part") -> str:
        return url_for(f"dose_finding.{page}", study=self.study.slug, name=self.name)

    def dose(self, level: str) -> str:
        """A level with its dose, in words."""
        doses = {
            level_definition.level: level_definition.dose
            for level_definition in self.definition.levels
        }
        return f"Level {level}: {doses.get(level, '')}"

    @property
    def level_heads(self) -> list[str]:
        """The column headings of the table of levels."""
        second = self.definition.second_condition
        met = [] if second is None else [f"{second.title}: met"]
        return ["Level", "Evaluable", "With a DLT", *met, "Pending", "Replaced", "Stands"]

    @property
    def advice(self) -> str:
        """The recommendation of now, in words."""
        advised = self.standing.recommendation
        named = "" if advised.level is None else self.standing.design.levels[advised.level]
        return ACTS[advised.act].format(level=named)


def open_part(study: str, name: str) -> Part:
    """Get a part. Raises NotFound; NotAllowed for a user who may not see dose levels."""
    published = studies.get_version_in_force(reading(), study)
    known = studies.get_definition(reading(), published)
    refuse_without(known)
    if name not in {part.name for part in known.dose_finding}:
        raise NotFound("This study has no such dose-finding part. Check the address.")
    get_viewer(actor(), known).require_levels()
    return Part(known, published.number, name)


def refuse_without(study: Study) -> None:
    """Raise NotFound for a study without dose finding."""
    if not study.dose_finding:
        raise NotFound("This study has no dose finding. Go back to the page you came from.")


@dataclass(frozen=True)
class DoseCase:
    """A participant in a dose-finding part."""

    person: Participant
    part: Part

    @cached_property
    def slot(self) -> Slot | None:
        """The place of the participant, or None."""
        return reads.find_slot(reading(), self.person.study, self.person.id, self.part.name)

    def may(self, action: Action) -> bool:
        return self.part.may(action, self.person.site)

    def url(self, page: str = "place") -> str:
        return url_for(
            f"dose_finding.{page}", study=self.person.study, pid=self.person.id, name=self.part.name
        )


def open_case(study: str, pid: str, name: str, action: Action) -> DoseCase:
    """Get a participant in a part. Raises NotFound; NotAllowed without the right or when masked."""
    person = require_person(study, pid, action)
    part = open_part(study, name)
    get_viewer(actor(), part.study, person.site).require_levels()
    return DoseCase(person, part)


def require_slot(case: DoseCase) -> Slot:
    """Return the place of a participant who has one. Raises LookupError."""
    if case.slot is None:
        raise LookupError("the participant has no place")
    return case.slot


def outcome_words(slot: Slot) -> str:
    """Return an outcome in words."""
    return OUTCOMES[DoseOutcome(slot.outcome)] if slot.outcome else "Pending"


def name_of(user: str) -> str:
    """Return the name of the user who did something."""
    try:
        return accounts.get_account(reading(), user).name
    except NotFound:
        return "Sarcomere" if user == "system" else user


@place_needs("dose_finding.index")
def finds_doses(connection: sa.Connection, study: str) -> bool:
    """Return whether a study has dose finding."""
    try:
        return bool(studies.get_definition_for(connection, study).dose_finding)
    except NotFound:
        return False


def page(template: str, **content: object) -> str:
    """Render a page of this feature."""
    return render_template(f"dose_finding/{template}", columns=columns, **content)


def columns(*texts: str) -> list[TableColumn]:
    """Return the column headings of a table."""
    return [TableColumn(text) for text in texts]
