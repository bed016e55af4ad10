"""The test study without chance in a test database: its people, their histories, their cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from capture.access import SYSTEM_ACTOR, Actor, Role
from capture.cohorts import service as cohorts
from capture.db import Database
from capture.entry import reads as entries
from capture.entry.service import SaveResult, Submission, save_entry
from capture.ledger.concealment import Concealment
from capture.participants import reads, service
from capture.participants.records import Participant, ParticipantEvent, Visit
from capture.queries.reads import Query, list_queries
from capture.study import reads as study_reads
from capture.study import service as study_service
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.kept_worlds import checked_folder, done_once
from tests.support.trial import KEY, Trial, make_actor

MUSCLE = "muscle-demo"
SITE = "clydebank"
FOLDER = Path(__file__).parents[1] / "studies" / MUSCLE
NURSE = make_actor(Role.NURSE, SITE, study=MUSCLE)
MASKED = make_actor(Role.NURSE, SITE, study=MUSCLE, masked=True)
HISTORY = Place("history", 1, "history")
SCORE = Place("assessment", 1, "leg_score")
PERSON = {"birth_date": "1961-05-14", "sex": "female", "walks": "yes"}
OPERATED = {"operated": "yes", "surgery_date": "2023-03-01"}
HISTORIES: Mapping[str, Mapping[str, str]] = {
    "transfer": {**PERSON, **OPERATED, "transfer": "yes"},
    "no_transfer": {**PERSON, **OPERATED, "transfer": "no"},
    "control": {**PERSON, "operated": "no"},
}
DOCUMENTED = "Operation note, hospital record"


@dataclass(frozen=True)
class Muscle:
    """The study published in a database; acts run as the nurse of Clydebank unless said."""

    trial: Trial

    def on(self, day: str) -> Muscle:
        return Muscle(self.trial.on(day))

    @property
    def study(self) -> Study:
        with self.trial.database.reading() as connection:
            return study_reads.get_definition_for(connection, MUSCLE)

    def screened(self) -> Participant:
        with self.trial.acting(NURSE) as tx:
            return service.screen(tx, MUSCLE, SITE, service.Screening(self.trial.today))

    def enrolled(self, cohort: str | None = None) -> Participant:
        """Somebody enrolled today, with the history of a cohort where one is said."""
        person = self.screened()
        consent = service.ConsentTaken("main", "1", self.trial.today, "A. Cole")
        facts = self.trial.enrolment(
            consent=consent, duplicate_confirmed=True, duplicate_reason="Somebody else"
        )
        with self.trial.acting(NURSE) as tx:
            service.enrol(tx, MUSCLE, person.id, facts, likeness_key=KEY)
        if cohort is not None:
            self.save(person, HISTORIES[cohort])
        return person

    def member(self, cohort: str) -> Participant:
        """The same with the cohort recorded."""
        person = self.enrolled(cohort)
        self.record(person, cohort)
        return person

    def save(
        self,
        person: Participant,
        values: Mapping[str, str | int | None],
        key: Place = HISTORY,
        *,
        actor: Actor = NURSE,
        reason: str = "",
    ) -> SaveResult:
        cells = {name: None if one is None else Cell(one) for name, one in values.items()}
        with self.trial.acting(actor) as tx:
            before = entries.find_entry_at(tx.connection, person.id, key)
            return save_entry(
                tx,
                self.study,
                1,
                person.id,
                key,
                submission=Submission(cells),
                version=before.version if before else 0,
                reason=reason,
            )

    def record(
        self, person: Participant, cohort: str, *, actor: Actor = NURSE, **changes: str
    ) -> ParticipantEvent:
        said = {"cohort": cohort, "date": "2023-03-01", "source_document": DOCUMENTED, **changes}
        seen = said.pop("seen", "")
        with self.trial.acting(actor) as tx:
            return cohorts.record_cohort(
                tx, self.study, person.id, cohorts.CohortEvidence(**said), seen=seen
            )

    def correct(
        self,
        person: Participant,
        cohort: str,
        *,
        actor: Actor = NURSE,
        reason: str = "Misread",
        **changes: str,
    ) -> ParticipantEvent:
        said = {"cohort": cohort, "date": "2023-03-01", "source_document": DOCUMENTED, **changes}
        with self.trial.acting(actor) as tx:
            return cohorts.correct_cohort(
                tx, self.study, person.id, cohorts.CohortEvidence(**said), reason=reason
            )

    def visits(self, person: Participant) -> dict[str, Visit]:
        with self.trial.database.reading() as connection:
            return {one.slug: one for one in reads.list_visits(connection, person.id)}

    def recorded(self, person: Participant) -> ParticipantEvent | None:
        with self.trial.database.reading() as connection:
            facts = reads.list_events(connection, person.id)
        return next((fact for fact in facts if fact.kind == "cohort"), None)

    def queries(self, person: Participant, key: Place = HISTORY) -> list[Query]:
        with self.trial.database.reading() as connection:
            entry = entries.find_entry_at(connection, person.id, key)
            assert entry is not None
            return [one for one in list_queries(connection, entry.id) if one.kind == "cohort"]


def make_muscle(database: Database, concealment: Concealment, day: str | None = None) -> Muscle:
    """The study with its sites in an empty database."""
    trial = Trial(database, concealment)
    muscle = Muscle(trial if day is None else trial.on(day))

    def publish() -> None:
        with trial.acting(SYSTEM_ACTOR) as tx:
            study_service.publish(tx, checked_folder(FOLDER), add_sites=True)

    done_once(database, "the study without chance published", publish)
    return muscle


def days_after(day: str, days: int) -> str:
    """An ISO date some days after another."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
