"""What comes after randomisation: visits kept or missed, corrections, and what happens in life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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
from forms.definition import Instrument
from forms.evaluation_scope import Place
from forms.values import Cell

if TYPE_CHECKING:
    from capture.synthetic.person import InventedPerson

MISSED = 0.05
FORM_NOT_DONE = 0.02
LOGGED = 0.2
RETURNS = 0.5


@dataclass
class Attendance:
    """One booked visit."""

    person: InventedPerson
    visit_id: str

    def attended(self, moment: datetime) -> None:
        person, company = self.person, self.person.company
        with company.stage.services.database.reading() as connection:
            visit = next(
                (
                    one
                    for one in people.list_visits(connection, person.pid)
                    if one.id == self.visit_id
                ),
                None,
            )
        if visit is None or visit.status != "planned":
            return
        if company.chance(MISSED):
            with company.stage.acting(Role.NURSE, person.site.slug) as tx:
                participants.not_do_visit(
                    tx, person.slug, person.pid, visit.id, reason="Did not come; on holiday"
                )
            return
        for name in visit.instruments:
            if company.chance(FORM_NOT_DONE) and len(visit.instruments) > 1:
                self._not_done(visit, name)
            else:
                person.fill_form(visit, name)
        if company.chance(LOGGED):
            person.log_something()
        if person.drawn:
            Joining(person).randomised(moment)

    def _not_done(self, visit: Visit, name: str) -> None:
        person, stage = self.person, self.person.company.stage
        with stage.acting(Role.NURSE, person.site.slug) as tx:
            entry.not_do_entry(
                tx,
                stage.study,
                stage.version,
                person.pid,
                Place(visit.slug, visit.occurrence, name),
                missing_reason=stage.study.missing_reasons[0].code,
                version=0,
            )


@dataclass
class Waiting:
    """A visit whose forms can be filled in only some time after enrolment; the cohort follows."""

    person: InventedPerson
    visit_id: str

    def over(self, moment: datetime) -> None:
        person = self.person
        with person.company.stage.services.database.reading() as connection:
            visits = people.list_visits(connection, person.pid)
        for visit in visits:
            if visit.id == self.visit_id and visit.status == "planned":
                person.fill_visit(visit)
        Joining(person).grouped(moment)


@dataclass
class Correction:
    """A value that is put right some days after the form was complete."""

    person: InventedPerson
    place: Place
    instrument: Instrument

    def made(self, _moment: datetime) -> None:
        person, stage = self.person, self.person.company.stage
        with stage.services.database.reading() as connection:
            before = entries.find_entry_at(connection, person.pid, self.place)
        if before is None or before.status != entries.COMPLETE:
            return
        fresh = person.answers_at(self.instrument, self.place, {})
        dates = {self.instrument.assessment_date, stage.study.birth_date, stage.study.sex}
        names = [
            name
            for name, cell in fresh.items()
            if name not in dates
            and not self.instrument.value_items[name].critical
            and before.cells.get(name) not in (None, cell)
        ]
        if not names:
            return
        name = person.company.random.choice(names)
        changed = {name: fresh[name]}
        try:
            with stage.acting(Role.NURSE, person.site.slug) as tx:
                entry.save_entry(
                    tx,
                    stage.study,
                    stage.version,
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
            person.company.refusals.append(problem.message)


@dataclass
class Followup:
    """Events of one randomised person."""

    person: InventedPerson

    def _act(self) -> str:
        return self.person.today().isoformat()

    def recurrence(self, moment: datetime) -> None:
        study = self.person.company.stage.study
        for event in study.events:
            if event.name == "recurrence":
                instrument = study.instrument_of(event.date_item)
                self.person.fill(None, instrument.name, fixed={event.date_item: Cell(self._act())})
        self.person.book(moment)

    def death(self, _moment: datetime) -> None:
        """A death is told by its form where the study has one, else by the act itself."""
        study, person = self.person.company.stage.study, self.person
        partial = person.company.chance(0.2)
        day = self._act()[:7] if partial else self._act()
        for event in study.events:
            if event.name == "death":
                name = study.instrument_of(event.date_item).name
                person.fill(None, name, fixed={event.date_item: Cell(day)})
                return
        with person.company.stage.acting(Role.NURSE, person.site.slug) as tx:
            participants.die(tx, person.slug, person.pid, date=day)

    def treatment_withdrawal(self, _moment: datetime) -> None:
        self._withdraw("treatment_withdrawal")

    def follow_up_withdrawal(self, _moment: datetime) -> None:
        self._withdraw("followup_withdrawal")

    def data_withdrawal(self, _moment: datetime) -> None:
        self._withdraw("data_withdrawal")

    def _withdraw(self, kind: str) -> None:
        person = self.person
        asked_by = person.company.random.choice(sorted(ASKED_BY))
        with person.company.stage.acting(Role.NURSE, person.site.slug) as tx:
            said = participants.Withdrawal(
                kind, self._act(), asked_by, "Told the nurse by telephone"
            )
            participants.withdraw(tx, person.slug, person.pid, said)

    def loss(self, moment: datetime) -> None:
        person = self.person
        with person.company.stage.acting(Role.NURSE, person.site.slug) as tx:
            participants.lose(
                tx,
                person.slug,
                person.pid,
                date=self._act(),
                reason="Moved away; three letters unanswered",
            )
        if person.turns("returned", RETURNS):
            person.company.agenda.add(person.company.later(moment, 40, 200), self.return_)

    def return_(self, moment: datetime) -> None:
        person = self.person
        with person.company.stage.acting(Role.NURSE, person.site.slug) as tx:
            participants.come_back(tx, person.slug, person.pid, date=self._act())
        person.book(moment)

    def unscheduled(self, _moment: datetime) -> None:
        person = self.person
        study = person.company.stage.study
        slug = next((visit.slug for visit in study.visits if visit.unscheduled), None)
        if slug is None:
            return
        with person.company.stage.acting(Role.NURSE, person.site.slug) as tx:
            visit = participants.add_visit(tx, person.slug, person.pid, slug=slug, date=self._act())
        person.fill(visit, visit.instruments[0])
