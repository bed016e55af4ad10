"""A study: the content of one published version, with look-ups by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from forms.definition.cohorts import Cohort
from forms.definition.dose_finding import DoseFinding
from forms.definition.endpoints import Endpoint
from forms.definition.instruments import Instrument
from forms.definition.randomisations import Gate, Randomisation
from forms.definition.visits import StudyEvent, Visit
from forms.items import Item
from forms.roles import Role
from forms.vocabulary import (
    Code,
    EventName,
    Name,
    Number,
    Part,
    Provenance,
    StudySlug,
    VersionLabel,
    Words,
)

LOG_VISIT = "log"
"""The pseudo-visit on which log instruments hang."""


class MissingReason(Part):
    """Why a value is missing; kept beside the value, never in it."""

    code: Name
    label: Words


class ConsentVersion(Part):
    """One version of the consent form and information sheet; a site approves versions by label."""

    version: VersionLabel
    approved: date


class ConsentScope(Part):
    """What is consented to: the study, or one randomisation."""

    name: Name
    title: Words
    versions: tuple[ConsentVersion, ...] = Field(min_length=1)


class Target(Part):
    """The recruitment target from a date on; an amendment adds a later one.

    by: the day by which the target should be reached; None for a target without a day.
    """

    date_from: date = Field(alias="from")
    number: int = Field(ge=1, le=1_000_000)
    by: date | None = None
    provenance: Provenance | None = None


class Score(Part):
    """An item with a number that the dashboard shows over the visits.

    title: used instead of the item's label. worst, best: the ends of its scale, if it has them;
    the smaller number may be the best.
    """

    item: Name
    title: Words | None = None
    worst: Number | None = None
    best: Number | None = None

    @property
    def ends(self) -> tuple[Decimal, ...]:
        """The known ends of the scale, the smaller first."""
        return tuple(sorted(end for end in (self.worst, self.best) if end is not None))


class ArmVisibility(Part):
    """Which roles see individual arms and cohorts, and what happens to data that reveal them.

    Without it all roles see them that are not masked.
    revealing: `withhold` hides such data from all other roles; `accept` shows them, with a reason.
    reveals: instruments, items and events whose content reveals an arm (such as a dose taken after
    randomisation); what depends on an arm or a cohort by a rule is found without being named.
    accepts: visits, instruments, items and events that are shown nevertheless, with a reason.
    """

    visible_to: tuple[Role, ...] = tuple(Role)
    revealing: Literal["withhold", "accept"] | None = None
    reveals: tuple[Name, ...] = ()
    accepts: tuple[Name, ...] = ()
    reason: Words | None = None


class AttributeChoice(Part):
    """One code a site attribute may have."""

    code: Code
    label: Words


class SiteAttribute(Part):
    """A fact about a site that rules may read as `site.<name>`; a site needs it before it opens."""

    name: Name
    title: Words
    choices: tuple[AttributeChoice, ...] = Field(min_length=1)


class Study(Part):
    """One version of a study, checked; immutable."""

    slug: StudySlug
    title: Words
    short_title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    modelled_on: Words
    provenance: Words
    sources: Mapping[str, Words] = {}
    version: VersionLabel
    zone: str
    missing_reasons: tuple[MissingReason, ...] = Field(min_length=1)
    consents: tuple[ConsentScope, ...] = Field(min_length=1)
    arm_visibility: ArmVisibility = ArmVisibility()
    recruitment_target: tuple[Target, ...] = Field(min_length=1)
    site_attributes: tuple[SiteAttribute, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    birth_date: Name | None = None
    sex: Name | None = None
    events: tuple[StudyEvent, ...] = ()
    instruments: tuple[Instrument, ...] = Field(min_length=1)
    visits: tuple[Visit, ...] = Field(min_length=1)
    gates: tuple[Gate, ...] = ()
    randomisations: tuple[Randomisation, ...] = ()
    dose_finding: tuple[DoseFinding, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    scores: tuple[Score, ...] = ()

    @cached_property
    def _instruments(self) -> Mapping[str, Instrument]:
        return {instrument.name: instrument for instrument in self.instruments}

    @cached_property
    def _visits(self) -> Mapping[str, Visit]:
        return {visit.slug: visit for visit in self.visits}

    @cached_property
    def _instrument_of(self) -> Mapping[str, Instrument]:
        return {
            name: instrument for instrument in self.instruments for name in instrument.value_items
        }

    @cached_property
    def item_names(self) -> frozenset[str]:
        """The names of all items that hold values."""
        return frozenset(self._instrument_of)

    def instrument(self, name: str) -> Instrument:
        """Return the instrument of this name; KeyError when the study has none."""
        return self._instruments[name]

    def visit(self, slug: str) -> Visit:
        """Return the visit of this slug; KeyError when the study has none."""
        return self._visits[slug]

    def instrument_of(self, item: str) -> Instrument:
        """Return the instrument that asks this item; KeyError when none does."""
        return self._instrument_of[item]

    def item(self, name: str) -> Item:
        """Return the item of this name, whichever instrument asks it; KeyError when none does."""
        return self._instrument_of[name].value_items[name]

    def gate(self, name: str) -> Gate:
        """Return the gate of this name; KeyError when the study has none."""
        return {gate.name: gate for gate in self.gates}[name]

    def randomisation(self, name: str) -> Randomisation:
        """Return the randomisation of this name; KeyError when the study has none."""
        return {randomisation.name: randomisation for randomisation in self.randomisations}[name]

    def dose_part(self, name: str) -> DoseFinding:
        """Return the dose-finding part of this name; KeyError when the study has none."""
        return {part.name: part for part in self.dose_finding}[name]

    def cohort(self, name: str) -> Cohort:
        """Return the cohort of this name; KeyError when the study has none."""
        return {cohort.name: cohort for cohort in self.cohorts}[name]

    def consent(self, name: str) -> ConsentScope:
        """Return the consent scope of this name; KeyError when the study has none."""
        return {scope.name: scope for scope in self.consents}[name]

    def site_attribute(self, name: str) -> SiteAttribute:
        """Return the site attribute of this name; KeyError when the study has none."""
        return {attribute.name: attribute for attribute in self.site_attributes}[name]

    def visits_with(self, instrument: str) -> tuple[Visit, ...]:
        """Return the visits at which the instrument is filled in, in study order."""
        return tuple(visit for visit in self.visits if instrument in visit.instruments)

    def target_on(self, day: date) -> Target | None:
        """Return the recruitment target in force on a day; None before the first."""
        past = [target for target in self.recruitment_target if target.date_from <= day]
        return max(past, key=lambda target: target.date_from) if past else None

    def event_name(self, event: EventName) -> EventName:
        """Return an event's full name; `allocation` alone means that of the only randomisation."""
        if event == "allocation" and len(self.randomisations) == 1:
            return f"allocation.{self.randomisations[0].name}"
        return event


class Site(Part):
    """A synthetic site of a bundled study's demonstration (`sites.yaml`); not part of the study."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,17}$")]
    name: Words
    zone: str
    attributes: Mapping[Name, Code] = {}
    approved_consents: Mapping[Name, tuple[VersionLabel, ...]] = {}
    opened: date | None = None
    target: int | None = Field(default=None, ge=1, le=100_000)
    target_by: date | None = None
