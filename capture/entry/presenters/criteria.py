"""The criteria of a gate, and links to the forms of their blanks, for pages about a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sqlalchemy as sa

from capture.entry.reads import GateResult
from capture.participants.presenters.links import form_url, log_url
from capture.participants.reads import list_visits
from capture.participants.records import Participant
from capture.web.page_data import Colour, Tag
from forms.definition import LOG_VISIT
from forms.eligibility import CriterionVerdict, Result, Source
from forms.evaluation_scope import Place

TAGS = {
    Result.MET: Tag("Met"),
    Result.NOT_MET: Tag("Not met", Colour.ORANGE),
    Result.UNKNOWN: Tag("Not known", Colour.YELLOW),
}
LISTED = (Result.NOT_MET, Result.UNKNOWN, Result.MET)
Address: TypeAlias = Callable[[Place], str | None]
"""Returns the address of the form at a place; None where the participant has no such visit."""


def make_address_finder(connection: sa.Connection, person: Participant) -> Address:
    """Make a function that finds the address of a participant's form."""

    def address(place: Place) -> str | None:
        if place.visit == LOG_VISIT:
            return log_url(person, place.instrument)
        for visit in list_visits(connection, person.id):
            if (visit.slug, visit.occurrence) == (place.visit, place.occurrence):
                return form_url(person, visit.id, place.instrument)
        return None

    return address


@dataclass(frozen=True)
class FormLink:
    """Where a blank is filled in."""

    text: str
    url: str


@dataclass(frozen=True)
class CriterionRow:
    """One criterion: its words, the values used, its result, and links to its blanks."""

    name: str
    wording: str
    values: str
    tag: Tag
    links: tuple[FormLink, ...] = ()


@dataclass(frozen=True)
class Blanks:
    """Links to the blanks of a gate. asked: the items that the page itself asks."""

    gate: GateResult
    address: Address
    asked: frozenset[str] = field(default_factory=frozenset)

    def links(self, sources: Sequence[Source]) -> tuple[FormLink, ...]:
        """A link to each value that is not known."""
        links = (self._link(source) for source in self.gate.blanks_of(sources).values())
        return tuple(link for link in links if link is not None)

    def _link(self, source: Source) -> FormLink | None:
        if source.name in self.asked:
            return FormLink(f"Fill in “{source.label}” on this page", f"#{source.name}-item")
        if source.place is None:
            return None
        url = self.address(source.place)
        title = self.gate.study.instrument(source.place.instrument).title
        return (
            FormLink(f"Fill in “{source.label}” in {title}", f"{url}#{source.name}")
            if url
            else None
        )

    def criteria(self) -> list[CriterionRow]:
        """Every criterion of the gate: the not met first, then the not known, then the met."""
        criteria = sorted(
            self.gate.verdict.criteria, key=lambda criterion: LISTED.index(criterion.result)
        )
        return [self._row(criterion) for criterion in criteria]

    def _row(self, criterion: CriterionVerdict) -> CriterionRow:
        values = "; ".join(f"{value.label}: {value.shown}" for value in criterion.values)
        return CriterionRow(
            criterion.name,
            criterion.wording,
            values,
            TAGS[criterion.result],
            self.links(criterion.blanks),
        )
