"""One invented person's way through the study, an act at a time.

Shares and delays are our own defaults [D], chosen so that every state and every act occurs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from capture import clock
from capture.access import Role
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.participants.reasons import NOT_ENROLLED, SOURCES
from capture.participants.records import Visit, VisitStatus
from capture.participants.service.enrolment import list_sexes
from capture.problems import Refused
from capture.study import reads as studies
from capture.synthetic.allocation import Joining
from capture.synthetic.answers import list_attached_bytes
from capture.synthetic.corrections import Corrections, Twice
from capture.synthetic.dosing import Dosing
from capture.synthetic.followup import Attendance, Correction, Followup, Waiting
from capture.synthetic.people.leanings import Traits
from capture.synthetic.world import World
from forms.definition import LOG_VISIT, Instrument
from forms.evaluation_scope import Place
from forms.values import Cell

REFUSES = 0.12
STOPS_BEFORE_CONSENT = 0.06
STAYS = 0.05
CORRECTED = 0.04
CONFIRMED = 0.8
LATE = 0.1
UNSCHEDULED = 0.06
MENDED = 0.4
SCREENED_TWICE = 0.03


@dataclass
class InventedPerson:
    """One invented person at a site; `pid` once screened; `drawn`: the randomisations so far."""

    company: World
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
        return self.company.stage.study.slug

    def today(self) -> date:
        return clock.today(self.site.zone)

    def turns(self, turn: str, share: float) -> bool:  # noqa: ARG002  (a story asks which turn)
        """Whether the course takes a turn that so many take."""
        return self.company.chance(share)

    def screened(self, moment: datetime) -> None:
        company = self.company
        with company.stage.acting(Role.NURSE, self.site.slug) as tx:
            source = company.random.choice(sorted(SOURCES))
            line = participants.Screening(self.today().isoformat(), source=source)
            self.pid = participants.screen(tx, self.slug, self.site.slug, line).id
        if self.turns("screened_twice", SCREENED_TWICE):
            company.agenda.add(company.later(moment, 12, 20), Twice(self).noticed)
        if self.turns("not_enrolled", REFUSES):
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
                    self.fill_form(visit, name)
        if self.turns("stopped", STOPS_BEFORE_CONSENT):
            self.company.agenda.add(self.company.later(moment, 10, 40), self.not_enrolled)
            return
        self.company.agenda.add(self.company.later(moment, 0.5, 5), self.enrolled)

    def enrolled(self, moment: datetime) -> None:
        company, study = self.company, self.company.stage.study
        self._who()
        with company.stage.acting(Role.NURSE, self.site.slug) as tx:
            scope = study.consents[0]
            today = self.today().isoformat()
            approved = studies.list_approved_versions(
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
                likeness_key=derive_key(company.stage.services.config.concealment_key),
            )
        company.known.append(self)
        for visit in self._visits():
            for name in visit.instruments:
                if self._identifies(name):
                    self.fill_form(visit, name)
        self._extra_consents()
        waits = self._fill_due(moment)
        if waits or self.turns("stays", STAYS):
            return
        self._joins(moment)

    def _joins(self, moment: datetime) -> None:
        """On to a cohort, an arm, a dose level, or straight on where the study has none."""
        company, study = self.company, self.company.stage.study
        ways = [Joining(self).grouped] if study.cohorts else []
        ways += [Joining(self).randomised] if study.randomisations else []
        ways += [Dosing(self, part.name).registered for part in study.dose_finding]
        for way in ways:
            company.agenda.add(company.later(moment, 0, 2), way)
        if not ways:
            self.goes_on(moment)

    def _extra_consents(self) -> None:
        """Consent to each randomisation that has a scope of its own."""
        study = self.company.stage.study
        for scope in study.consents[1:]:
            if not self.concerns(scope.name):
                continue
            with self.company.stage.acting(Role.NURSE, self.site.slug) as tx:
                today = self.today().isoformat()
                approved = studies.list_approved_versions(
                    tx.connection, self.slug, self.site.slug, scope.name, today
                )
                taken = participants.ConsentTaken(scope.name, approved[-1], today, "A. Cole")
                participants.give_consent(tx, self.slug, self.pid, taken)

    def _fill_due(self, moment: datetime) -> bool:
        """Fill in what is due from consent on, visit by visit as they appear; says if one waits.

        After what waits the cohort follows, so that nobody has one before the evidence is there.
        """
        seen, waits = set[str](), False
        while due := [one for one in self._visits() if one.id not in seen and self._is_due(one)]:
            for visit in due:
                seen.add(visit.id)
                days = self.company.profile.waits(self.traits, visit.slug)
                if days is None:
                    self.fill_visit(visit)
                    continue
                waits = True
                self.booked.add(visit.id)
                self.company.agenda.add(
                    self.company.later(moment, *days), Waiting(self, visit.id).over
                )
        return waits

    def _is_due(self, visit: Visit) -> bool:
        return visit.target is not None and visit.target <= str(self.today())

    def fill_visit(self, visit: Visit) -> None:
        for name in visit.instruments:
            self.fill_form(visit, name)

    def fill_form(self, visit: Visit, name: str) -> None:
        """Fill in a form of a visit that was not filled in yet; one that repeats several times."""
        for instance in range(1, self.company.profile.instances.get(name, 1) + 1):
            place = Place(visit.slug, visit.occurrence, name, instance)
            if place not in self.filled:
                self.filled.add(place)
                self.fill(visit, name, instance=instance)

    def concerns(self, name: str) -> bool:
        return self.company.profile.concerns(self.traits, name)

    def _who(self) -> None:
        """Birth date and sex, the same at enrolment as in the demography form."""
        study, random = self.company.stage.study, self.company.random
        youngest, oldest = self.company.profile.years
        age_days = random.randint(youngest * 365, oldest * 365)
        self.born = (self.today() - timedelta(days=age_days)).isoformat()
        self.sex = random.choice(sorted(list_sexes(study)))

    def _identifies(self, name: str) -> bool:
        instrument = self.company.stage.study.instrument(name)
        return any(item.identifying for item in instrument.value_items.values())

    def goes_on(self, moment: datetime) -> None:
        """Visits and the rest of life, for who is followed from now on."""
        self.book(moment)
        self.fate(moment)

    def book(self, moment: datetime) -> None:
        """Put every planned visit that is not on the agenda yet there: on time, late or missed."""
        for visit in self._visits():
            if visit.id in self.booked or visit.target is None:
                continue
            target = date.fromisoformat(visit.target)
            if self._is_due(visit):
                if not self._may_be_made_now(visit):
                    continue
                target = self.today() + timedelta(days=self.company.random.randint(1, 60))
            self.booked.add(visit.id)
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

    def _may_be_made_now(self, visit: Visit) -> bool:
        """Whether a visit whose day is past came onto the plan only now, with the cohort."""
        kind = self.company.stage.study.visit(visit.slug)
        return visit.status == VisitStatus.PLANNED and bool(kind.cohorts or kind.due)

    def _visits(self) -> list[Visit]:
        with self.company.stage.services.database.reading() as connection:
            return [
                visit
                for visit in people.list_visits(connection, self.pid)
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
        cells = self.answers_at(instrument, place, fixed)
        confirms = company.chance(CONFIRMED)
        try:
            with stage.acting(Role.NURSE, self.site.slug) as tx:
                saved = entry.save_entry(
                    tx,
                    stage.study,
                    stage.version,
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
            company.refusals.append(problem.message)
            return False
        if saved.is_complete and company.chance(CORRECTED):
            company.agenda.add(
                company.later(clock.now(), 2, 40), Correction(self, place, instrument).made
            )
        return True

    def log_something(self) -> str | None:
        """One more line in a log of the study (an adverse event, a time at another dose).

        Gives the log's name; None where there is none, or nothing more can be entered.
        """
        study = self.company.stage.study
        told = {study.instrument_of(event.date_item).name for event in study.events}
        logs = [
            instrument.name
            for instrument in study.instruments
            if instrument.log and instrument.repeats
        ]
        names = [name for name in logs if name not in told and self.concerns(name)]
        if not names:
            return None
        name = self.company.random.choice(names)
        if not self.fill(None, name, instance=self.logged[name] + 1):
            return None
        self.logged[name] += 1
        return name

    def answers_at(
        self, instrument: Instrument, place: Place, fixed: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        stage = self.company.stage
        given = dict(fixed)
        if stage.study.birth_date and self.born:
            given.setdefault(stage.study.birth_date, Cell(self.born))
        if stage.study.sex and self.sex:
            given.setdefault(stage.study.sex, Cell(self.sex))
        with stage.services.database.reading() as connection:
            known = entries.get_casebook(connection, stage.study, self.pid)
        scope = known.scope(clock.now(), place)
        return self.company.answers.fill(instrument, scope, self.today(), self.traits, fixed=given)

    def fate(self, moment: datetime) -> None:
        """What else happens in life, drawn once: recurrence, death, withdrawal, loss and return."""
        company, draw = self.company, self.company.random.random()
        later = Followup(self)
        if company.chance(MENDED):
            company.agenda.add(company.later(moment, 5, 400), Corrections(self).something)
        plans = (
            (0.16, "recurrence", later.recurrence, (60, 500)),
            (0.22, "death", later.death, (60, 500)),
            (0.30, "treatment_withdrawal", later.treatment_withdrawal, (30, 300)),
            (0.34, "followup_withdrawal", later.follow_up_withdrawal, (30, 400)),
            (0.37, "data_withdrawal", later.data_withdrawal, (30, 400)),
            (0.43, "loss", later.loss, (60, 400)),
        )
        for share, name, act, (low, high) in plans:
            if draw < share:
                if self.concerns(name):
                    company.agenda.add(company.later(moment, low, high), act)
                return
        if company.chance(UNSCHEDULED):
            company.agenda.add(company.later(moment, 20, 400), later.unscheduled)
