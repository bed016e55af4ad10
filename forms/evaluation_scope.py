"""The values that expressions of a study can use for one participant, place and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from forms.definition import LOG_VISIT, Instrument, Study, Visit
from forms.expressions import Known, Mode, Reference, Value
from forms.values import Cell

Cells = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of an entry: visit (or `log`), occurrence, instrument, instance; counted from 1."""

    visit: str
    occurrence: int
    instrument: str
    instance: int = 1


@dataclass(frozen=True, slots=True)
class Allocated:
    """The allocation of a randomisation as expressions can use it."""

    arm: str
    on: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts other than items.

    site: attributes of the participant's site. allocations: by randomisation.
    consents: by scope, the periods in force: from a day until before another (None: still).
    smart: smart variables such as `record-name`, by name.
    """

    site: Mapping[str, str] = field(default_factory=dict)
    allocations: Mapping[str, Allocated] = field(default_factory=dict)
    consents: Mapping[str, Sequence[tuple[date, date | None]]] = field(default_factory=dict)
    cohort: str | None = None
    status: str | None = None
    smart: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormulaTime:
    """When the formulas and conditions of an entry take place, whatever the clock says.

    local_now: the day of its visit; of a form of the log, when it was saved first.
    site: the attributes of the site in force then.
    """

    local_now: datetime
    site: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StudyScope:
    """One participant's entries and facts at a place; implements the Scope of forms.expressions.

    entries: of every entry that exists, by place, the answers that count.
    local_now: the instant in the site's local time.
    here: the entry that is being filled in; None when a gate or a stratum is looked at.
    formula_time: what `today` and `now` are in the entry's formulas, where not the site's.
    """

    study: Study
    entries: Mapping[Place, Cells]
    local_now: datetime
    facts: Facts = field(default_factory=Facts)
    here: Place | None = None
    mode: Mode = Mode.REDCAP
    formula_time: FormulaTime | None = None

    def for_formulas(self) -> StudyScope:
        """The same scope as the entry's formulas, show-if and choices see it; checks do not."""
        then = self.formula_time
        if then is None:
            return self
        facts = replace(self.facts, site=then.site)
        return replace(self, local_now=then.local_now, facts=facts, formula_time=None)

    def in_mode(self, mode: Mode) -> StudyScope:
        """Return the same scope in this logic; three-valued, an answer “not known” is missing."""
        return self if mode is self.mode else replace(self, mode=mode)

    def with_cells(self, cells: Cells) -> StudyScope:
        """Return the same scope with other cells in the entry being filled in."""
        if self.here is None:
            return self
        return replace(self, entries={**self.entries, self.here: cells})

    def now(self) -> str:
        """Return the site's local time, to the second."""
        return self.local_now.strftime("%Y-%m-%d %H:%M:%S")

    def today(self) -> str:
        """Return the site's date."""
        return self.local_now.date().isoformat()

    def value(self, reference: Reference) -> Value:
        """Return the value of an item; None when it is blank or the reference leads nowhere."""
        cell = self.cell(reference)
        if cell is None:
            return None
        return self.study.item(reference.item).meaning_of(cell, reference.code, self.mode)

    def cell(self, reference: Reference) -> Cell | None:
        """Return the stored cell a reference leads to; None when there is none."""
        place = self.place_of(reference)
        return None if place is None else self.entries.get(place, {}).get(reference.item)

    def place_of(self, reference: Reference) -> Place | None:
        """Return the place of a reference's entry, even if it does not exist; None if unknown."""
        if reference.item not in self.study.item_names:
            return None
        instrument = self.study.instrument_of(reference.item)
        place = self._place_without_instance(instrument, reference.visit)
        if place is None or reference.instance is None:
            return place
        return self._with_instance(place, instrument, reference.instance)

    def _place_without_instance(self, instrument: Instrument, visit: str | None) -> Place | None:
        if visit is None:
            return self._nearest(instrument)
        if visit.endswith("event-name"):
            return self._neighbour(instrument, visit)
        if self.here is not None and self.here.visit == visit:
            return self._beside(self.here, instrument)
        return Place(visit, 1, instrument.name)

    def _nearest(self, instrument: Instrument) -> Place | None:
        visits = self.study.visits_with(instrument.name)
        if self.here is not None and self.here.visit in {visit.slug for visit in visits}:
            return self._beside(self.here, instrument)
        if instrument.log:
            at_log = self.here is not None and self.here.instrument == instrument.name
            return self.here if at_log else Place(LOG_VISIT, 1, instrument.name)
        return Place(visits[0].slug, 1, instrument.name) if len(visits) == 1 else None

    @staticmethod
    def _beside(here: Place, instrument: Instrument) -> Place:
        if here.instrument == instrument.name:
            return here
        return Place(here.visit, here.occurrence, instrument.name)

    def _neighbour(self, instrument: Instrument, variable: str) -> Place | None:
        if self.here is None or self.here.visit == LOG_VISIT:
            return None
        here = (self._order(self.here.visit), self.here.occurrence)
        spots = [
            (self._order(visit.slug), occurrence)
            for visit in self.study.visits_with(instrument.name)
            for occurrence in range(1, self._occurrences(visit) + 1)
        ]
        which = variable.removesuffix("event-name")
        found = _pick(spots, here, which)
        if found is None:
            return None
        return Place(self.study.visits[found[0]].slug, found[1], instrument.name)

    def _order(self, slug: str) -> int:
        return [visit.slug for visit in self.study.visits].index(slug)

    def _occurrences(self, visit: Visit) -> int:
        known = [place.occurrence for place in self.entries if place.visit == visit.slug]
        planned = visit.repeats.times if visit.repeats and visit.repeats.times else 1
        return max([planned, *known])

    def _with_instance(self, place: Place, instrument: Instrument, instance: str) -> Place | None:
        by_instance = instrument.repeats or place.visit == LOG_VISIT
        current = place.instance if by_instance else place.occurrence
        number = self._number(place, instance, current, by_instance=by_instance)
        if number is None or number < 1:
            return None
        if by_instance:
            return replace(place, instance=number)
        return replace(place, occurrence=number)

    def _number(
        self, place: Place, instance: str, current: int, *, by_instance: bool
    ) -> int | None:
        if instance == "last-instance":
            return self._last(place, by_instance=by_instance)
        if instance.isdigit():
            return int(instance)
        steps = {"current-instance": 0, "previous-instance": -1, "next-instance": 1}
        if instance in steps:
            return current + steps[instance]
        return 1 if instance == "first-instance" else None

    def _last(self, place: Place, *, by_instance: bool) -> int | None:
        known = [
            other.instance if by_instance else other.occurrence
            for other in self.entries
            if (other.visit, other.instrument) == (place.visit, place.instrument)
            and (not by_instance or other.occurrence == place.occurrence)
        ]
        return max(known, default=None)

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        """Return a fact that is not an item; None when there is none."""
        if name.startswith("site."):
            return self.facts.site.get(name.removeprefix("site."))
        if name.startswith("allocation."):
            return self._allocation(name, arguments)
        if name == "consent.in_force":
            return self._in_force(str(arguments[0]), str(arguments[1]))
        own = {"cohort": self.facts.cohort, "participant.status": self.facts.status}
        return own[name] if name in own else self._smart(name)

    def _allocation(self, name: str, arguments: Sequence[Known]) -> Value:
        which = str(arguments[0]) if arguments else next(iter(self._randomisations()), "")
        found = self.facts.allocations.get(which)
        if found is None:
            return None
        return found.arm if name.endswith("arm") else found.on.isoformat()

    def _randomisations(self) -> Sequence[str]:
        return [randomisation.name for randomisation in self.study.randomisations]

    def _in_force(self, scope: str, day: str) -> Value:
        spans = self.facts.consents.get(scope, ())
        return any(
            start.isoformat() <= day[:10] and (end is None or day[:10] < end.isoformat())
            for start, end in spans
        )

    def _smart(self, name: str) -> Value:
        if self.here is not None:
            own: dict[str, Value] = {
                "event-name": self.here.visit,
                "form-name": self.here.instrument,
                "current-instance": float(self.here.instance),
            }
            if name in own:
                return own[name]
        return self.facts.smart.get(name)


def _pick(
    spots: Sequence[tuple[int, int]], here: tuple[int, int], which: str
) -> tuple[int, int] | None:
    before = [spot for spot in spots if spot < here]
    after = [spot for spot in spots if spot > here]
    candidates = {
        "previous-": before[-1:],
        "next-": after[:1],
        "first-": list(spots[:1]),
        "last-": list(spots[-1:]),
        "": [spot for spot in spots if spot == here],
    }
    return next(iter(candidates.get(which, [])), None)
