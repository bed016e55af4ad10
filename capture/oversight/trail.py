"""The audit trail: sealed rows as rows of a timeline, with their seals and their participants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from capture.access import Action, Actor
from capture.ledger.fold import Fact
from capture.oversight.reads import Known, Person, TrailRow, person_id_of
from capture.timeline import TimelineNames, TimelineReader, TimelineRow, make_row
from capture.visibility import Viewer, get_viewer
from forms.definition import Study


@dataclass(frozen=True)
class TrailLine:
    """One line of the audit trail.

    position: of its seal; None for who may not see every row, as a gap would count the others.
    """

    row: TimelineRow
    position: int | None
    sealed_at: str
    person: Person | None


@dataclass(frozen=True)
class TrailReader:
    """Who reads the trail of a study. zones: each site's, by slug; titles: each site's name."""

    actor: Actor
    study: Study
    zones: Mapping[str, str]
    titles: Mapping[str, str]
    _viewers: dict[str, Viewer] = field(default_factory=dict)

    @cached_property
    def is_blind(self) -> bool:
        """Whether rows may be left out for this person: of an arm, a level, or what is hidden."""
        sites = self.actor.sites_for(Action.AUDIT_VIEW, self.study.slug)
        viewer = get_viewer(self.actor, self.study, *(self.zones if sites is None else sites))
        sees_levels = viewer.sees_levels or not self.study.dose_finding
        return not (viewer.sees_everything and sees_levels)

    def viewer_at(self, site: str) -> Viewer:
        """The viewer of rows about a site, or about the study as a whole; made once."""
        if site not in self._viewers:
            sites = [site] if site else []
            zone = self.zones.get(site, self.study.zone)
            self._viewers[site] = get_viewer(self.actor, self.study, *sites, zone=zone)
        return self._viewers[site]


def list_lines(rows: list[TrailRow], reader: TrailReader, known: Known) -> Iterator[TrailLine]:
    """The lines that the reader may see; one that would tell a withheld arm is left out."""
    names = TimelineNames(known.name, reader.titles, known.visits)
    for sealed in rows:
        fact = sealed.fact
        person = known.people.get(person_id_of(fact))
        viewer = reader.viewer_at(_site_of(fact, person))
        row = make_row(fact, TimelineReader(viewer, names))
        if row is not None:
            position = None if reader.is_blind else sealed.position
            yield TrailLine(row, position, sealed.sealed_at, person)


def _site_of(fact: Fact, person: Person | None) -> str:
    return person.site if person else str(fact.new("site") or "")
