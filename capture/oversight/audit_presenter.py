"""The audit trail: sealed rows as rows of a timeline, with their seals and their participants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from capture.ledger.fold import LedgerRow
from capture.oversight.reads import NamedPerson, NameLookup, TrailRow, get_person_id
from capture.timeline import TimelineNames, TimelineReader, TimelineRow, make_row
from capture.visibility import Viewer


@dataclass(frozen=True)
class TrailLine:
    """One line of the audit trail.

    position: of its seal; None for who may not see every row, as a gap would count the others.
    """

    row: TimelineRow
    position: int | None
    sealed_at: str
    person: NamedPerson | None


@dataclass(frozen=True)
class TrailReader:
    """The reader of the trail, with what they may see at all their sites.

    zones: each site's, by slug; titles: each site's name.
    """

    viewer: Viewer
    zones: Mapping[str, str]
    titles: Mapping[str, str]
    _viewers: dict[tuple[str, bool], Viewer] = field(default_factory=dict)

    def viewer_of(self, fact: LedgerRow, person: NamedPerson | None) -> Viewer:
        """The viewer of one row: at its participant's site, else at all the reader's sites."""
        site = person.site if person else str(fact.new("site") or "")
        key = (site, person is not None)
        if key not in self._viewers:
            zone = self.zones.get(site, self.viewer.study.zone)
            wide = replace(self.viewer, zone=zone)
            self._viewers[key] = wide.at(site) if person else wide
        return self._viewers[key]


def list_lines(rows: list[TrailRow], reader: TrailReader, known: NameLookup) -> Iterator[TrailLine]:
    """Yield the lines that the reader may see; one that would tell a withheld arm is left out."""
    names = TimelineNames(known.name, reader.titles, known.visits)
    for sealed in rows:
        fact = sealed.fact
        person = known.people.get(get_person_id(fact))
        row = make_row(fact, TimelineReader(reader.viewer_of(fact, person), names))
        if row is not None:
            position = sealed.position if reader.viewer.sees_everything else None
            yield TrailLine(row, position, sealed.sealed_at, person)
