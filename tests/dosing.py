"""The test study of dose finding in a test database: its people, their places, its committee."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Role
from capture.db import Database
from capture.entry.service import Posted, save_entry
from capture.ledger.concealment import Concealment
from capture.participants import service as participants
from capture.participants.rows import Participant
from capture.safety import reads, service
from capture.safety.reads import Decision, Slot, Standing
from capture.study import reads as study_reads
from capture.study import service as studies
from forms.definition import Study
from forms.load import read_folder
from forms.scopes import Place
from forms.values import Cell
from tests.trial import KEY, Trial, make_actor

DOSE = "dose-demo"
PART = "irinotecan"
SITE = "harbourside"
FOLDER = Path(__file__).parent / "studies" / DOSE
NURSE = make_actor(Role.NURSE, SITE, study=DOSE)
DOCTOR = make_actor(Role.INVESTIGATOR, SITE, study=DOSE)
COMMITTEE = make_actor(Role.COMMITTEE, study=DOSE)
BASELINE = {"born": "2015-05-14", "sex": "female", "risk": "vhr", "neutrophils": "1.5"}


@dataclass(frozen=True)
class Dosing:
    """The study published in a database; acts happen on the trial's day."""

    trial: Trial

    def on(self, day: str) -> Dosing:
        return Dosing(self.trial.on(day))

    @property
    def study(self) -> Study:
        with self.trial.database.reading() as connection:
            return study_reads.definition_for(connection, DOSE)

    def enrolled(self, actor: Actor = NURSE, site: str = SITE, **baseline: str) -> Participant:
        """Somebody who consented to both scopes today, with everything the gate asks."""
        with self.trial.acting(actor) as tx:
            screening = participants.Screening(self.trial.today)
            person = participants.screen(tx, DOSE, site, screening)
        consent = participants.ConsentTaken("main", "1", self.trial.today, "A. Cole")
        facts = self.trial.enrolment(
            consent=consent, duplicate_confirmed=True, duplicate_reason="Somebody else"
        )
        with self.trial.acting(actor) as tx:
            person = participants.enrol(tx, DOSE, person.id, facts, likeness_key=KEY)
            own = participants.ConsentTaken("phase_1b", "1", self.trial.today, "A. Cole")
            participants.give_consent(tx, DOSE, person.id, own)
        cells = {name: Cell(value) for name, value in {**BASELINE, **baseline}.items()}
        with self.trial.acting(actor) as tx:
            key = Place("baseline", 1, "baseline")
            posted = Posted(cells)
            save_entry(tx, self.study, 1, person.id, key, posted=posted, version=0)
        return person

    def register(self, person: Participant, *, actor: Actor = NURSE, seen: str = "") -> Slot:
        with self.trial.acting(actor) as tx:
            ready = service.readiness(tx.connection, self.study, person.id, PART)
            hash_ = seen or ready.content_hash
            return service.register(tx, self.study, 1, person.id, PART, seen=hash_)

    def registered(self, **baseline: str) -> Participant:
        person = self.enrolled(**baseline)
        self.register(person)
        return person

    def judge(
        self,
        person: Participant,
        outcome: str,
        *,
        day: str = "",
        note: str = "Neutropenia, grade 4",
        reason: str = "",
        actor: Actor = DOCTOR,
    ) -> Slot:
        said = service.Judged(outcome, day or self.trial.today, "", note)
        with self.trial.acting(actor) as tx:
            return service.judge(tx, self.study, 1, person.id, PART, said=said, reason=reason)

    def decide(
        self, choice: str, level: str = "", why: str = "", *, actor: Actor = COMMITTEE
    ) -> Decision:
        ruling = service.Ruling(choice, level, why)
        with self.trial.acting(actor) as tx:
            seen = self._standing(tx.connection).seen
            return service.decide(tx, self.study, 1, PART, ruling, seen=seen)

    @property
    def standing(self) -> Standing:
        with self.trial.database.reading() as connection, clock.running_at(self.trial.moment):
            return self._standing(connection)

    def _standing(self, connection: object) -> Standing:
        today = self.trial.moment.date()
        return reads.standing(connection, self.study, PART, today)  # type: ignore[arg-type]


def make_dosing(database: Database, concealment: Concealment, day: str | None = None) -> Dosing:
    """The study with its sites in an empty database."""
    trial = publish_dose_study(database, concealment)
    return Dosing(trial if day is None else trial.on(day))


def publish_dose_study(database: Database, concealment: Concealment) -> Trial:
    """Publish it with its sites in an empty database."""
    trial = Trial(database, concealment)
    with trial.acting(SYSTEM_ACTOR) as tx:
        studies.publish(tx, studies.checked(read_folder(FOLDER)), add_sites=True)
    return trial
