"""The test study of dose finding in a test database: its people, their places, its committee."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Role
from capture.db import Database
from capture.dose_finding import reads, service
from capture.dose_finding.reads import Decision, DoseStanding, Slot
from capture.entry.service import Submission, save_entry
from capture.ledger.concealment import Concealment
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.study import reads as study_reads
from capture.study import service as studies
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.load import read_folder
from forms.values import Cell
from tests.support.kept_worlds import checked, done_once
from tests.support.trial import KEY, Trial, make_actor

DOSE = "dose-demo"
PART = "irinotecan"
SITE = "harbourside"
FOLDER = Path(__file__).parents[1] / "studies" / DOSE
PART_FILE = "dose_finding.yaml"
THREE_PLUS_THREE = "    method: three_plus_three\n"
DEPLETION = """\
    method: table
    second_condition: {title: Arginine depletion, met: Arginine below 8 µM after four doses}
    table:
      - {evaluable: "0-2", dlts: "0-1", then: stay}
      - {evaluable: "2-6", dlts: "2-6", then: de_escalate}
      - {evaluable: 3, dlts: 1, then: stay}
      - {evaluable: 3, dlts: 0, met: 3, then: stay}
      - {evaluable: 3, dlts: 0, met: "0-1", above: open, then: escalate}
      - {evaluable: "4-5", dlts: "0-1", then: stay}
      - {evaluable: 6, dlts: "0-1", met: "5-6", then: mtd}
      - {evaluable: 6, dlts: "0-1", met: "0-4", above: open, then: escalate}
    otherwise: committee
"""
"""Modelled on PARC's phase I, which judges DLT and depletion together; thresholds are ours."""
FOLLOW_UP = """\
    method: tite_crm
    target: 0.25
    people: 24
    per_level: 24
    cohort: 3
    skeleton: [0.05, 0.12, 0.25, 0.40]
"""
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
            return study_reads.get_definition_for(connection, DOSE)

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
            posted = Submission(cells)
            save_entry(tx, self.study, 1, person.id, key, submission=posted, version=0)
        return person

    def register(self, person: Participant, *, actor: Actor = NURSE, seen: str = "") -> Slot:
        with self.trial.acting(actor) as tx:
            ready = service.get_registration_readiness(tx.connection, self.study, person.id, PART)
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
        met: str = "",
        reason: str = "",
        actor: Actor = DOCTOR,
    ) -> Slot:
        said = service.OutcomeResult(outcome, day or self.trial.today, met, note)
        with self.trial.acting(actor) as tx:
            return service.record_outcome(
                tx, self.study, 1, person.id, PART, said=said, reason=reason
            )

    def decide(
        self, choice: str, level: str = "", why: str = "", *, actor: Actor = COMMITTEE
    ) -> Decision:
        ruling = service.CommitteeRuling(choice, level, why)
        with self.trial.acting(actor) as tx:
            seen = self._standing(tx.connection).seen
            return service.decide(tx, self.study, 1, PART, ruling, seen=seen)

    @property
    def standing(self) -> DoseStanding:
        with self.trial.database.reading() as connection, clock.running_at(self.trial.moment):
            return self._standing(connection)

    def _standing(self, connection: object) -> DoseStanding:
        today = self.trial.moment.date()
        return reads.get_standing(connection, self.study, PART, today)  # type: ignore[arg-type]


def make_dosing(
    database: Database, concealment: Concealment, day: str | None = None, *, method: str = ""
) -> Dosing:
    """The study with its sites in an empty database. method: YAML in place of the 3+3's."""
    trial = publish_dose_study(database, concealment, method)
    return Dosing(trial if day is None else trial.on(day))


def publish_dose_study(database: Database, concealment: Concealment, method: str = "") -> Trial:
    """Publish it with its sites in an empty database."""
    trial, files = Trial(database, concealment), read_folder(FOLDER)
    if method:
        part = files[PART_FILE].decode()
        files = {**files, PART_FILE: part.replace(THREE_PLUS_THREE, method).encode()}

    def publish() -> None:
        with trial.acting(SYSTEM_ACTOR) as tx:
            studies.publish(tx, checked(files), add_sites=True)

    done_once(database, ("the study of dose finding published", method), publish)
    return trial
