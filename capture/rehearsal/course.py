"""One invented person's way through the study, an act at a time.

Shares and delays are our own defaults [D], chosen so that every state and every act occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from capture import clock
from capture.access import Role
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.likeness import derived_key
from capture.participants.reasons import NOT_ENROLLED, SOURCES
from capture.participants.rows import Visit
from capture.participants.service.endings import ASKED_BY
from capture.participants.service.enrolment import sexes
from capture.problems import Refused
from capture.randomisation.service.afterwards import tell
from capture.randomisation.service.allocate import randomise
from capture.randomisation.service.eligibility import Confirmed, confirm, sign
from capture.randomisation.service.gate import readiness
from capture.rehearsal.agenda import Agenda
from capture.rehearsal.answers import Answers
from capture.rehearsal.stage import DOCTORS, Stage
from capture.study import reads as studies
from forms.definition import LOG_VISIT, Instrument
from forms.scopes import Place
from forms.values import Cell

REFUSES = 0.12
STOPS_BEFORE_CONSENT = 0.06
STAYS_BEFORE_RANDOMISING = 0.05
CORRECTED = 0.04
CONFIRMED = 0.8
LATE = 0.1
MISSED = 0.05
FORM_NOT_DONE = 0.02
UNSCHEDULED = 0.06


@dataclass
class Company:
    """What all invented people share: the stage, the agenda, one stream of chance."""

    stage: Stage
    agenda: Agenda
    random: Random
    answers: Answers
    refusals: list[str] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def later(self, moment: datetime, low: float, high: float) -> datetime:
        """A moment so many days later, in working hours (UTC)."""
        day = (moment + timedelta(days=self.random.uniform(low, high))).date()
        return self.at(day, not_before=moment)

    def at(self, day: date, not_before: datetime) -> datetime:
        minutes = self.random.randint(9 * 60, 16 * 60)
        found = not_before.replace(
            year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(minutes=minutes, microseconds=self.random.randint(0, 999_999))
        return max(found, not_before + timedelta(seconds=self.random.randint(30, 600)))


@dataclass
class Person:
    """One invented person at a site; `pid` once screened."""

    company: Company
    site: studies.Site
    pid: str = ""
    born: str = ""
    sex: str = ""
    booked: set[str] = field(default_factory=set)

    @property
    def slug(self) -> str:
        return self.company.stage.study.slug

    def today(self) -> date:
        return clock.today(self.site.zone)

    def screened(self, moment: datetime) -> None:
        company = self.company
        with company.stage.acting(Role.NURSE, self.site.slug) as tx:
            source = company.random.choice(sorted(SOURCES))
            line = participants.Screening(self.today().isoformat(), source=source)
            self.pid = participants.screen(tx, self.slug, self.site.slug, line).id
        if company.chance(REFUSES):
            company.agenda.add(company.later(moment, 1, 10), self.not_enrolled)
            return
        company.agenda.add(company.later(moment, 0, 2), self.examined)

    def not_enrolled(self, _moment: datetime) -> None:
        reason = self.company.random.choice(
            [code for code in sorted(NOT_ENROLLED) if code != "other"]
        )
        with self.company.stage.acting(Role.NURSE, self.site.slug) as tx:
            participants.not_enrol(tx, self.slug, self.pid, reason)

    def examined(self, moment: datetime) -> None:
        """History and examinations are entered before the person decides."""
        for visit in self._visits():
            for name in visit.instruments:
                if not self._identifies(name):
                    self.fill(visit, name)
        if self.company.chance(STOPS_BEFORE_CONSENT):
            return
        self.company.agenda.add(self.company.later(moment, 0.5, 5), self.enrolled)

    def enrolled(self, moment: datetime) -> None:
        company, study = self.company, self.company.stage.study
        self._who()
        with company.stage.acting(Role.NURSE, self.site.slug) as tx:
            scope = study.consents[0]
            today = self.today().isoformat()
            approved = studies.approved_versions(
                tx.connection, self.slug, self.site.slug, scope.name, today
            )
            participants.enrol(
                tx,
                self.slug,
                self.pid,
                participants.Enrolment(
                    self.born,
                    self.sex,
                    consent=participants.ConsentTaken(scope.name, approved[-1], today, "A. Cole"),
                    duplicate_confirmed=True,
                    duplicate_reason="Another hospital number; seen in person",
                ),
                likeness_key=derived_key(company.stage.services.config.concealment_key),
            )
        for visit in self._visits():
            for name in visit.instruments:
                if self._identifies(name):
                    self.fill(visit, name)
        self._extra_consents()
        if not company.chance(STAYS_BEFORE_RANDOMISING) and study.randomisations:
            company.agenda.add(company.later(moment, 0, 2), self.randomised)

    def _extra_consents(self) -> None:
        """Consent to each randomisation that has a scope of its own."""
        study = self.company.stage.study
        for scope in study.consents[1:]:
            with self.company.stage.acting(Role.NURSE, self.site.slug) as tx:
                today = self.today().isoformat()
                approved = studies.approved_versions(
                    tx.connection, self.slug, self.site.slug, scope.name, today
                )
                taken = participants.ConsentTaken(scope.name, approved[-1], today, "A. Cole")
                participants.give_consent(tx, self.slug, self.pid, taken)

    def _who(self) -> None:
        """Birth date and sex, the same at enrolment as in the demography form."""
        study, random = self.company.stage.study, self.company.random
        age_days = random.randint(30 * 365, 82 * 365)
        self.born = (self.today() - timedelta(days=age_days)).isoformat()
        self.sex = random.choice(sorted(sexes(study)))

    def _identifies(self, name: str) -> bool:
        instrument = self.company.stage.study.instrument(name)
        return any(item.identifying for item in instrument.value_items.values())

    def randomised(self, moment: datetime) -> None:
        """Confirm and randomise where the gate passes; the others stay as they are."""
        stage = self.company.stage
        for one in stage.study.randomisations:
            with stage.services.database.reading() as connection:
                ready = readiness(connection, stage.study, self.pid, one.name)
            if not ready.verdict.is_passed or not ready.stratum.is_complete:
                continue
            self._confirm(one.name, signs=one.eligibility_confirmed_by == "esign")
            with stage.acting(Role.NURSE, self.site.slug) as tx:
                randomise(tx, stage.study, stage.version, self.pid, one.name)
            with stage.acting(Role.NURSE, self.site.slug) as tx:
                tell(tx, stage.study, self.pid, one.name, "participant")
            self.book(moment)
            self._fate(moment)

    def _confirm(self, name: str, *, signs: bool) -> None:
        stage = self.company.stage
        if signs:
            with stage.acting(Role.INVESTIGATOR, self.site.slug) as tx:
                seen = readiness(tx.connection, stage.study, self.pid, name).content_hash
                sign(tx, stage.study, stage.version, self.pid, name, seen=seen)
            return
        with stage.acting(Role.NURSE, self.site.slug) as tx:
            confirm(
                tx,
                stage.study,
                stage.version,
                self.pid,
                name,
                said=Confirmed(
                    self.company.random.choice(DOCTORS),
                    self.today().isoformat(),
                    "Clinic letter of today",
                ),
            )

    def book(self, moment: datetime) -> None:
        """Put every planned visit that is not on the agenda yet there: on time, late or missed."""
        for visit in self._visits():
            if visit.id in self.booked or visit.target is None or visit.target <= str(self.today()):
                continue
            self.booked.add(visit.id)
            target = date.fromisoformat(visit.target)
            earliest = date.fromisoformat(visit.earliest or visit.target)
            latest = date.fromisoformat(visit.latest or visit.target)
            if self.company.chance(LATE):
                day = latest + timedelta(days=self.company.random.randint(1, 30))
            else:
                day = min(
                    max(target + timedelta(days=self.company.random.randint(-7, 7)), earliest),
                    latest,
                )
            happens = self.company.at(day, not_before=moment)
            self.company.agenda.add(happens, Attendance(self, visit.id).attended)

    def _visits(self) -> list[Visit]:
        with self.company.stage.services.database.reading() as connection:
            return [
                visit
                for visit in people.visits(connection, self.pid)
                if visit.status in ("planned", "in_progress")
            ]

    def fill(
        self, visit: Visit | None, name: str, *, instance: int = 1, fixed: Mapping[str, Cell] = {}
    ) -> bool:
        """Fill one instrument in; says whether it could be saved."""
        stage, company = self.company.stage, self.company
        place = (
            Place(visit.slug, visit.occurrence, name, instance)
            if visit
            else Place(LOG_VISIT, 1, name, instance)
        )
        instrument = stage.study.instrument(name)
        cells = self._cells(instrument, place, fixed)
        confirms = company.chance(CONFIRMED)
        try:
            with stage.acting(Role.NURSE, self.site.slug) as tx:
                saved = entry.save_entry(
                    tx,
                    stage.study,
                    stage.version,
                    self.pid,
                    place,
                    posted=entry.Posted(cells, confirms=lambda _finding: confirms),
                    version=0,
                )
        except Refused as problem:
            company.refusals.append(problem.message)
            return False
        if saved.is_complete and company.chance(CORRECTED):
            company.agenda.add(
                company.later(clock.now(), 2, 40), Correction(self, place, instrument).made
            )
        return True

    def _cells(
        self, instrument: Instrument, place: Place, fixed: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        stage = self.company.stage
        given = dict(fixed)
        if stage.study.birth_date and self.born:
            given.setdefault(stage.study.birth_date, Cell(self.born))
        if stage.study.sex and self.sex:
            given.setdefault(stage.study.sex, Cell(self.sex))
        with stage.services.database.reading() as connection:
            known = entries.dossier(connection, stage.study, self.pid)
        scope = known.scope(clock.now(), place)
        return self.company.answers.fill(instrument, scope, self.today(), fixed=given)

    def _fate(self, moment: datetime) -> None:
        """What else happens in life, drawn once: recurrence, death, withdrawal, loss and return."""
        company, draw = self.company, self.company.random.random()
        later = Later(self)
        plans = (
            (0.14, later.recurrence, (60, 900)),
            (0.19, later.death, (90, 1_000)),
            (0.24, later.treatment_withdrawal, (30, 500)),
            (0.27, later.follow_up_withdrawal, (30, 600)),
            (0.29, later.data_withdrawal, (30, 600)),
            (0.34, later.loss, (60, 600)),
        )
        for share, act, (low, high) in plans:
            if draw < share:
                company.agenda.add(company.later(moment, low, high), act)
                return
        if company.chance(UNSCHEDULED):
            company.agenda.add(company.later(moment, 20, 400), later.unscheduled)


@dataclass
class Attendance:
    """One booked visit."""

    person: Person
    visit_id: str

    def attended(self, _moment: datetime) -> None:
        person, company = self.person, self.person.company
        with company.stage.services.database.reading() as connection:
            visit = next(
                (one for one in people.visits(connection, person.pid) if one.id == self.visit_id),
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
                person.fill(visit, name)

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
class Correction:
    """A value that is put right some days after the form was complete."""

    person: Person
    place: Place
    instrument: Instrument

    def made(self, _moment: datetime) -> None:
        person, stage = self.person, self.person.company.stage
        with stage.services.database.reading() as connection:
            before = entries.entry_at(connection, person.pid, self.place)
        if before is None or before.status != entries.COMPLETE:
            return
        fresh = person._cells(self.instrument, self.place, {})
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
        try:
            with stage.acting(Role.NURSE, person.site.slug) as tx:
                entry.save_entry(
                    tx,
                    stage.study,
                    stage.version,
                    person.pid,
                    self.place,
                    posted=entry.Posted({name: fresh[name]}, confirms=lambda _finding: True),
                    version=before.version,
                    reason="Typing error, checked against the source",
                )
        except Refused as problem:
            person.company.refusals.append(problem.message)


@dataclass
class Later:
    """Events of one randomised person."""

    person: Person

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
        if person.company.chance(0.5):
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
