"""The course of an invented person through the study, an act at a time.

Shares and delays are our own defaults [D], chosen so that every state and every act occurs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from capture import clock
from capture.access import Role
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.participants.reasons import NOT_ENROLLED, SOURCES
from capture.participants.records import Visit, VisitStatus
from capture.participants.service.enrolment import list_sexes
from capture.study import reads as studies
from capture.synthetic.allocation import Joining
from capture.synthetic.corrections import Corrections, DoubleScreening
from capture.synthetic.dosing import Dosing
from capture.synthetic.followup import Attendance, DelayedVisit, Followup, ValueCorrection
from capture.synthetic.person import InventedPerson
from forms.definition import Instrument
from forms.evaluation_scope import Place

REFUSES = 0.12
STOPS_BEFORE_CONSENT = 0.06
STAYS = 0.05
LATE = 0.1
UNSCHEDULED = 0.06
MENDED = 0.4
SCREENED_TWICE = 0.03


@dataclass
class SyntheticCourse(InventedPerson):
    """An invented person whose course is left to chance."""

    def screen(self, moment: datetime) -> None:
        world = self.world
        with world.setup.acting(Role.NURSE, self.site.slug) as tx:
            source = world.random.choice(sorted(SOURCES))
            line = participants.Screening(self.today().isoformat(), source=source)
            self.pid = participants.screen(tx, self.slug, self.site.slug, line).id
        if self.takes_turn("screened_twice", SCREENED_TWICE):
            world.scheduler.add(world.later(moment, 12, 20), DoubleScreening(self).strike)
        if self.takes_turn("not_enrolled", REFUSES):
            world.scheduler.add(world.later(moment, 1, 10), self.record_not_enrolled)
            return
        world.scheduler.add(world.later(moment, 0, 2), self.examine)

    def record_not_enrolled(self, _moment: datetime) -> None:
        reason = self.world.random.choice(
            [code for code in sorted(NOT_ENROLLED) if code != "other"]
        )
        with self.world.setup.acting(Role.NURSE, self.site.slug) as tx:
            participants.not_enrol(tx, self.slug, self.pid, reason)

    def examine(self, moment: datetime) -> None:
        """History and examinations are entered before the person decides."""
        for visit in self.list_open_visits():
            for name in visit.instruments:
                if not self._identifies(name):
                    self.fill_form(visit, name)
        if self.takes_turn("stopped", STOPS_BEFORE_CONSENT):
            self.world.scheduler.add(self.world.later(moment, 10, 40), self.record_not_enrolled)
            return
        self.world.scheduler.add(self.world.later(moment, 0.5, 5), self.enrol)

    def enrol(self, moment: datetime) -> None:
        world, study = self.world, self.world.setup.study
        self._invent_identity()
        with world.setup.acting(Role.NURSE, self.site.slug) as tx:
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
                likeness_key=derive_key(world.setup.services.config.concealment_key),
            )
        world.enrolled.append(self)
        for visit in self.list_open_visits():
            for name in visit.instruments:
                if self._identifies(name):
                    self.fill_form(visit, name)
        self._give_extra_consents()
        waits = self._fill_due(moment)
        if waits or self.takes_turn("stays", STAYS):
            return
        self._plan_joining(moment)

    def _plan_joining(self, moment: datetime) -> None:
        """Plan a cohort, an arm or a dose level; follow up at once where the study has none."""
        world, study = self.world, self.world.setup.study
        steps = [Joining(self).enter_cohort] if study.cohorts else []
        steps += [Joining(self).randomise_if_eligible] if study.randomisations else []
        steps += [Dosing(self, part.name).register for part in study.dose_finding]
        for step in steps:
            world.scheduler.add(world.later(moment, 0, 2), step)
        if not steps:
            self.continue_study(moment)

    def _give_extra_consents(self) -> None:
        """Consent to each randomisation that has a scope of its own."""
        study = self.world.setup.study
        for scope in study.consents[1:]:
            if not self.concerns(scope.name):
                continue
            with self.world.setup.acting(Role.NURSE, self.site.slug) as tx:
                today = self.today().isoformat()
                approved = studies.list_approved_versions(
                    tx.connection, self.slug, self.site.slug, scope.name, today
                )
                taken = participants.ConsentTaken(scope.name, approved[-1], today, "A. Cole")
                participants.give_consent(tx, self.slug, self.pid, taken)

    def _fill_due(self, moment: datetime) -> bool:
        """Fill in what is due from consent on, visit by visit; return whether a visit is delayed.

        The cohort follows a delayed visit, so that nobody has a cohort before its evidence.
        """
        handled, waits = set[str](), False
        while due := [
            visit
            for visit in self.list_open_visits()
            if visit.id not in handled and self._is_due(visit)
        ]:
            for visit in due:
                handled.add(visit.id)
                days = self.world.profile.waits(self.traits, visit.slug)
                if days is None:
                    self.fill_visit(visit)
                    continue
                waits = True
                self.booked.add(visit.id)
                self.world.scheduler.add(
                    self.world.later(moment, *days), DelayedVisit(self, visit.id).fill
                )
        return waits

    def _is_due(self, visit: Visit) -> bool:
        return visit.target_date is not None and visit.target_date <= str(self.today())

    def _invent_identity(self) -> None:
        """Invent birth date and sex, the same at enrolment as in the demography form."""
        study, random = self.world.setup.study, self.world.random
        youngest, oldest = self.world.profile.years
        age_days = random.randint(youngest * 365, oldest * 365)
        self.born = (self.today() - timedelta(days=age_days)).isoformat()
        self.sex = random.choice(sorted(list_sexes(study)))

    def _identifies(self, name: str) -> bool:
        instrument = self.world.setup.study.instrument(name)
        return any(item.identifying for item in instrument.value_items.values())

    def continue_study(self, moment: datetime) -> None:
        """Plan visits and events, for somebody who is followed from now on."""
        self.book_visits(moment)
        self.plan_fate(moment)

    def book_visits(self, moment: datetime) -> None:
        """Schedule every planned visit that is not scheduled yet: on time, late or missed."""
        for visit in self.list_open_visits():
            if visit.id in self.booked or visit.target_date is None:
                continue
            target = date.fromisoformat(visit.target_date)
            if self._is_due(visit):
                if not self._may_be_made_now(visit):
                    continue
                target = self.today() + timedelta(days=self.world.random.randint(1, 60))
            self.booked.add(visit.id)
            earliest = date.fromisoformat(visit.earliest or visit.target_date)
            latest = date.fromisoformat(visit.latest or visit.target_date)
            if self.world.chance(LATE):
                day = latest + timedelta(days=self.world.random.randint(1, 30))
            else:
                day = min(
                    max(target + timedelta(days=self.world.random.randint(-7, 7)), earliest),
                    latest,
                )
            happens = self.world.at(day, not_before=moment)
            self.world.scheduler.add(happens, Attendance(self, visit.id).attend)

    def _may_be_made_now(self, visit: Visit) -> bool:
        """Return whether a visit whose day is past came onto the plan only now, with the cohort."""
        kind = self.world.setup.study.visit(visit.slug)
        return visit.status == VisitStatus.PLANNED and bool(kind.cohorts or kind.due)

    def plan_correction(self, place: Place, instrument: Instrument) -> None:
        correction = ValueCorrection(self, place, instrument)
        self.world.scheduler.add(self.world.later(clock.now(), 2, 40), correction.correct)

    def plan_fate(self, moment: datetime) -> None:
        """Draw one later event at most: recurrence, death, withdrawal, loss and return."""
        world, draw = self.world, self.world.random.random()
        events = Followup(self)
        if world.chance(MENDED):
            world.scheduler.add(world.later(moment, 5, 400), Corrections(self).make_correction)
        plans = (
            (0.16, "recurrence", events.record_recurrence, (60, 500)),
            (0.22, "death", events.record_death, (60, 500)),
            (0.30, "treatment_withdrawal", events.withdraw_from_treatment, (30, 300)),
            (0.34, "followup_withdrawal", events.withdraw_from_followup, (30, 400)),
            (0.37, "data_withdrawal", events.withdraw_data, (30, 400)),
            (0.43, "loss", events.record_loss, (60, 400)),
        )
        for share, name, act, (low, high) in plans:
            if draw < share:
                if self.concerns(name):
                    world.scheduler.add(world.later(moment, low, high), act)
                return
        if world.chance(UNSCHEDULED):
            world.scheduler.add(world.later(moment, 20, 400), events.add_unscheduled_visit)
