"""An invented person: what the nurse fills in for them, whatever course they take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from capture import clock
from capture.access import Role
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants.records import Visit
from capture.problems import Refused
from capture.study import reads as studies
from capture.synthetic.answers import list_attached_bytes
from capture.synthetic.people.leanings import Traits
from capture.synthetic.world import World
from forms.definition import LOG_VISIT, Instrument
from forms.evaluation_scope import Place
from forms.values import Cell

CORRECTED = 0.04
CONFIRMED = 0.8


@dataclass
class InventedPerson(ABC):
    """One invented person at a site. Their course (`course`) extends this class.

    pid: empty until screened. drawn: the randomisations so far.
    """

    world: World
    site: studies.Site
    traits: Traits
    pid: str = ""
    born: str = ""
    sex: str = ""
    booked: set[str] = field(default_factory=set)
    filled: set[Place] = field(default_factory=set)
    logged: Counter[str] = field(default_factory=Counter)
    drawn: set[str] = field(default_factory=set)

    @property
    def slug(self) -> str:
        return self.world.setup.study.slug

    def today(self) -> date:
        return clock.today(self.site.zone)

    def takes_turn(self, turn: str, share: float) -> bool:  # noqa: ARG002  (a story asks which turn)
        """Return whether the course takes a turn that so many take."""
        return self.world.chance(share)

    def concerns(self, name: str) -> bool:
        return self.world.profile.concerns(self.traits, name)

    def list_open_visits(self) -> list[Visit]:
        with self.world.setup.services.database.reading() as connection:
            return [
                visit
                for visit in people.list_visits(connection, self.pid)
                if visit.status in ("planned", "in_progress")
            ]

    def fill_visit(self, visit: Visit) -> None:
        for name in visit.instruments:
            self.fill_form(visit, name)

    def fill_form(self, visit: Visit, name: str) -> None:
        """Fill in a form of a visit that was not filled in yet; one that repeats several times."""
        for instance in range(1, self.world.profile.instances.get(name, 1) + 1):
            place = Place(visit.slug, visit.occurrence, name, instance)
            if place not in self.filled:
                self.filled.add(place)
                self.fill(visit, name, instance=instance)

    def fill(
        self, visit: Visit | None, name: str, *, instance: int = 1, fixed: Mapping[str, Cell] = {}
    ) -> bool:
        """Fill one instrument in; return whether it could be saved."""
        setup, world = self.world.setup, self.world
        place = (
            Place(visit.slug, visit.occurrence, name, instance)
            if visit
            else Place(LOG_VISIT, 1, name, instance)
        )
        instrument = setup.study.instrument(name)
        cells = self.invent_answers(instrument, place, fixed)
        confirms = world.chance(CONFIRMED)
        try:
            with setup.acting(Role.NURSE, self.site.slug) as tx:
                result = entry.save_entry(
                    tx,
                    setup.study,
                    setup.version,
                    self.pid,
                    place,
                    submission=entry.Submission(
                        cells,
                        confirms=lambda _finding: confirms,
                        files=list_attached_bytes(instrument, cells),
                    ),
                    version=0,
                )
        except Refused as problem:
            world.refusals.append(problem.message)
            return False
        if result.is_complete and world.chance(CORRECTED):
            self.plan_correction(place, instrument)
        return True

    def log_something(self) -> str | None:
        """Add a line to a log of the study (an adverse event, a time at another dose).

        Return the log's name; None where there is none, or nothing more can be entered.
        """
        study = self.world.setup.study
        event_logs = {study.instrument_of(event.date_item).name for event in study.events}
        logs = [
            instrument.name
            for instrument in study.instruments
            if instrument.log and instrument.repeats
        ]
        names = [name for name in logs if name not in event_logs and self.concerns(name)]
        if not names:
            return None
        name = self.world.random.choice(names)
        if not self.fill(None, name, instance=self.logged[name] + 1):
            return None
        self.logged[name] += 1
        return name

    def invent_answers(
        self, instrument: Instrument, place: Place, fixed: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        setup = self.world.setup
        answers = dict(fixed)
        if setup.study.birth_date and self.born:
            answers.setdefault(setup.study.birth_date, Cell(self.born))
        if setup.study.sex and self.sex:
            answers.setdefault(setup.study.sex, Cell(self.sex))
        with setup.services.database.reading() as connection:
            casebook = entries.get_casebook(connection, setup.study, self.pid)
        scope = casebook.scope(clock.now(), place)
        return self.world.answers.fill(instrument, scope, self.today(), self.traits, fixed=answers)

    @abstractmethod
    def continue_study(self, moment: datetime) -> None:
        """Plan visits and the rest of life, for who is followed from now on."""

    @abstractmethod
    def book_visits(self, moment: datetime) -> None:
        """Schedule every planned visit that is not scheduled yet."""

    @abstractmethod
    def plan_correction(self, place: Place, instrument: Instrument) -> None:
        """Schedule the correction of a value of a complete form."""
