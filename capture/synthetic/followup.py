"""What comes after randomisation: visits attended or missed, corrections and events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from capture.access import Role
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.records import Visit
from capture.participants.service.endings import ASKED_BY
from capture.problems import Refused
from capture.synthetic.allocation import Joining
from capture.synthetic.answers import list_attached_bytes
from capture.synthetic.person import InventedPerson
from forms.definition import Instrument
from forms.evaluation_scope import Place
from forms.values import Cell

MISSED = 0.05
FORM_NOT_DONE = 0.02
LOGGED = 0.2
RETURNS = 0.5


@dataclass
class Attendance:
    """One booked visit."""

    person: InventedPerson
    visit_id: str

    def attend(self, moment: datetime) -> None:
        person, world = self.person, self.person.world
        with world.setup.services.database.reading() as connection:
            visits = people.list_visits(connection, person.pid)
        visit = next((visit for visit in visits if visit.id == self.visit_id), None)
        if visit is None or visit.status != "planned":
            return
        if world.chance(MISSED):
            with world.setup.acting(Role.NURSE, person.site.slug) as tx:
                participants.not_do_visit(
                    tx, person.slug, person.pid, visit.id, reason="Did not come; on holiday"
                )
            return
        for name in visit.instruments:
            if world.chance(FORM_NOT_DONE) and len(visit.instruments) > 1:
                self._mark_not_done(visit, name)
            else:
                person.fill_form(visit, name)
        if world.chance(LOGGED):
            person.log_something()
        if person.drawn:
            Joining(person).randomise_if_eligible(moment)

    def _mark_not_done(self, visit: Visit, name: str) -> None:
        person, setup = self.person, self.person.world.setup
        with setup.acting(Role.NURSE, person.site.slug) as tx:
            entry.not_do_entry(
                tx,
                setup.study,
                setup.version,
                person.pid,
                Place(visit.slug, visit.occurrence, name),
                missing_reason=setup.study.missing_reasons[0].code,
                version=0,
            )


@dataclass
class DelayedVisit:
    """A visit whose forms can be filled in only some time after enrolment; the cohort follows."""

    person: InventedPerson
    visit_id: str

    def fill(self, moment: datetime) -> None:
        person = self.person
        with person.world.setup.services.database.reading() as connection:
            visits = people.list_visits(connection, person.pid)
        for visit in visits:
            if visit.id == self.visit_id and visit.status == "planned":
                person.fill_visit(visit)
        Joining(person).enter_cohort(moment)


@dataclass
class ValueCorrection:
    """A value that is corrected some days after the form was complete."""

    person: InventedPerson
    place: Place
    instrument: Instrument

    def correct(self, _moment: datetime) -> None:
        person, setup = self.person, self.person.world.setup
        with setup.services.database.reading() as connection:
            before = entries.find_entry_at(connection, person.pid, self.place)
        if before is None or before.status != entries.COMPLETE:
            return
        fresh = person.invent_answers(self.instrument, self.place, {})
        dates = {self.instrument.assessment_date, setup.study.birth_date, setup.study.sex}
        names = [
            name
            for name, cell in fresh.items()
            if name not in dates
            and not self.instrument.value_items[name].critical
            and before.cells.get(name) not in (None, cell)
        ]
        if not names:
            return
        name = person.world.random.choice(names)
        changed = {name: fresh[name]}
        try:
            with setup.acting(Role.NURSE, person.site.slug) as tx:
                entry.save_entry(
                    tx,
                    setup.study,
                    setup.version,
                    person.pid,
                    self.place,
                    submission=entry.Submission(
                        changed,
                        confirms=lambda _finding: True,
                        files=list_attached_bytes(self.instrument, changed),
                    ),
                    version=before.version,
                    reason="Typing error, checked against the source",
                )
        except Refused as problem:
            person.world.refusals.append(problem.message)


@dataclass
class Followup:
    """Events of one randomised person."""

    person: InventedPerson

    def _today(self) -> str:
        return self.person.today().isoformat()

    def record_recurrence(self, moment: datetime) -> None:
        study = self.person.world.setup.study
        for event in study.events:
            if event.name == "recurrence":
                instrument = study.instrument_of(event.date_item)
                self.person.fill(
                    None, instrument.name, fixed={event.date_item: Cell(self._today())}
                )
        self.person.book_visits(moment)

    def record_death(self, _moment: datetime) -> None:
        """Fill in the death form where the study has one; otherwise record the death itself."""
        study, person = self.person.world.setup.study, self.person
        partial = person.world.chance(0.2)
        day = self._today()[:7] if partial else self._today()
        for event in study.events:
            if event.name == "death":
                name = study.instrument_of(event.date_item).name
                person.fill(None, name, fixed={event.date_item: Cell(day)})
                return
        with person.world.setup.acting(Role.NURSE, person.site.slug) as tx:
            participants.die(tx, person.slug, person.pid, date=day)

    def withdraw_from_treatment(self, _moment: datetime) -> None:
        self._withdraw("treatment_withdrawal")

    def withdraw_from_followup(self, _moment: datetime) -> None:
        self._withdraw("followup_withdrawal")

    def withdraw_data(self, _moment: datetime) -> None:
        self._withdraw("data_withdrawal")

    def _withdraw(self, kind: str) -> None:
        person = self.person
        asked_by = person.world.random.choice(sorted(ASKED_BY))
        with person.world.setup.acting(Role.NURSE, person.site.slug) as tx:
            withdrawal = participants.Withdrawal(
                kind, self._today(), asked_by, "Told the nurse by telephone"
            )
            participants.withdraw(tx, person.slug, person.pid, withdrawal)

    def record_loss(self, moment: datetime) -> None:
        person = self.person
        with person.world.setup.acting(Role.NURSE, person.site.slug) as tx:
            participants.lose(
                tx,
                person.slug,
                person.pid,
                date=self._today(),
                reason="Moved away; three letters unanswered",
            )
        if person.takes_turn("returned", RETURNS):
            person.world.scheduler.add(person.world.later(moment, 40, 200), self.record_return)

    def record_return(self, moment: datetime) -> None:
        person = self.person
        with person.world.setup.acting(Role.NURSE, person.site.slug) as tx:
            participants.come_back(tx, person.slug, person.pid, date=self._today())
        person.book_visits(moment)

    def add_unscheduled_visit(self, _moment: datetime) -> None:
        person = self.person
        study = person.world.setup.study
        slug = next((visit.slug for visit in study.visits if visit.unscheduled), None)
        if slug is None:
            return
        with person.world.setup.acting(Role.NURSE, person.site.slug) as tx:
            visit = participants.add_visit(
                tx, person.slug, person.pid, slug=slug, date=self._today()
            )
        person.fill(visit, visit.instruments[0])
