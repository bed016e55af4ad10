"""One participant of the muscle transfer study and the forms of the assessments, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from capture import clock
from capture.access import Role
from capture.cohorts.service import CohortEvidence, record_cohort
from capture.entry import reads, service
from capture.participants import reads as people
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.participants.records import Participant, Participation
from capture.participants.tables import participant
from capture.synthetic.demonstration import newcomers
from capture.synthetic.setup import Setup, prepare
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.values import Cell
from tests.support.kept_worlds import done_once
from tests.support.leg_scores import items

LEGS = "functional-muscle-transfer"
SITE = "ardenholm"
CONSENT, RECOVERED = "2025-02-03", "2025-10-01"
OPERATION = {
    "surgery_read_date": "2025-10-01",
    "surgery_date": "2025-02-17",
    "surgery_note_seen": "yes",
    "surgery_for": "sarcoma",
    "operated_side": "left",
    "resection_extent": "major",
    "functional_transfer": "yes",
}
RECOVERY = {
    "recovery_date": "2025-10-01",
    "rehab_complete": "yes",
    "walks_after": "yes",
    "leg_amputated": "no",
    "recurrence_active": "no",
}
TESS = items("tess", (30, "3"))


def at(day: str) -> datetime:
    """Nine in the morning (UTC) of a day."""
    return datetime.fromisoformat(f"{day}T09:00:00+00:00")


def leg_stage(services: Services, day: str) -> Setup:
    """The study published in state test, with its sites and staff."""

    def publish_and_prepare() -> Setup:
        with clock.running_at(at(day)):
            return prepare(services, LEGS, None, at(day).date())

    stage = done_once(services.database, ("legs", day), publish_and_prepare)
    return replace(stage, services=services)


@dataclass
class Legs:
    """One enrolled participant; every act is the nurse's of Ardenholm."""

    stage: Setup
    person: Participant

    def save(
        self, day: str, visit: str, form: str, values: Mapping[str, Any], reason: str = ""
    ) -> service.SaveResult:
        """Save a form on a day; whatever is asked about is confirmed."""
        key = Place(visit, 1, form)
        cells = {n: v if isinstance(v, Cell) else Cell(v) for n, v in values.items()}
        before = self.entry(visit, form)
        posted = service.Submission(cells, confirms=lambda _finding: True)
        with clock.running_at(at(day)), self.stage.acting(Role.NURSE, SITE) as tx:
            return service.save_entry(
                tx,
                self.stage.study,
                self.stage.version,
                self.person.id,
                key,
                submission=posted,
                version=before.version if before else 0,
                reason=reason,
            )

    def join(self, day: str, cohort: str) -> None:
        """Record the cohort, as the operation note shows it."""
        said = CohortEvidence(cohort, day, "Operation note")
        with clock.running_at(at(day)), self.stage.acting(Role.NURSE, SITE) as tx:
            record_cohort(tx, self.stage.study, self.person.id, said)

    def entry(self, visit: str, form: str) -> reads.Entry | None:
        with self.stage.services.database.reading() as connection:
            return reads.find_entry_at(connection, self.person.id, Place(visit, 1, form))

    def cell(self, visit: str, form: str, item: str) -> Cell | None:
        found = self.entry(visit, form)
        return found.cells.get(item) if found else None

    def value(self, visit: str, form: str, item: str) -> Any:
        found = self.cell(visit, form, item)
        return found.value if found else None


def enrolled(stage: Setup, day: str, born: str = "1971-08-30") -> Legs:
    """Somebody who consents on a day."""
    with clock.running_at(at(day)), stage.acting(Role.NURSE, SITE) as tx:
        line = participants.Screening(day, source="clinic")
        person = participants.screen(tx, LEGS, SITE, line)
        consent = participants.ConsentTaken("main", "2.0", day, "A. Cole")
        facts = participants.Enrolment(born, "female", consent=consent)
        key = derive_key(stage.services.config.concealment_key)
        return Legs(stage, participants.enrol(tx, LEGS, person.id, facts, likeness_key=key))


def begun(legs: Legs) -> None:
    """The forms of enrolment of somebody who takes part from before the operation."""
    route = {"leg_state_date": CONSENT, "entry_route": "before", "serial_agreed": "no"}
    legs.save(CONSENT, "enrolment", "leg_state", {**route, "neuromuscular": "no"})
    birth = {"birth_date": "1971-08-30", "sex": "female"}
    legs.save(CONSENT, "enrolment", "demography", birth)


def recovered(legs: Legs) -> None:
    """The operation and the recovery are on record, and the cohort with them."""
    legs.save(RECOVERED, "operation", "surgery_record", OPERATION)
    legs.save(RECOVERED, "operation", "recovery", RECOVERY)
    legs.join(RECOVERED, "transfer")


def open_form(services: Services, form: str) -> str:
    """The address of a form at an assessment of the demonstration that is still open."""
    on_study = sa.select(participant.c.id).where(
        participant.c.study == LEGS, participant.c.participation == Participation.ON_STUDY
    )
    with services.database.reading() as connection:
        for person in sorted(connection.execute(on_study).scalars()):
            for one in people.list_visits(connection, person):
                if one.slug == "assessment" and one.status in {"planned", "in_progress"}:
                    return f"/studies/{LEGS}/participants/{person}/visits/{one.id}/{form}"
    raise AssertionError("the demonstration shows nobody whose assessment is open")


def due_for_lefs(services: Services, born: str) -> Participant:
    """Somebody never operated on who joined today; of the assessment the LEFS comes next."""
    stage = prepare(services, LEGS, None, clock.today("Europe/London"))
    today, person = newcomers.today_at(stage, SITE), newcomers.screen_newcomer(stage, SITE)
    consent = participants.ConsentTaken("main", "2.0", today, "A. Cole")
    facts = participants.Enrolment(born, "female", consent=consent)
    with stage.acting(Role.NURSE, SITE) as tx:
        key = derive_key(services.config.concealment_key)
        person = participants.enrol(tx, LEGS, person.id, facts, likeness_key=key)
    _save(stage, person, Place("enrolment", 1, "demography"), {"birth_date": born, "sex": "female"})
    health = {"walks_now": "yes", "legs_operated": "no", "neuromuscular": "no"}
    joined = {
        "leg_state_date": today,
        "entry_route": "unoperated",
        "comorbidity": ("none",),
        **health,
    }
    _save(stage, person, Place("enrolment", 1, "leg_state"), joined)
    with stage.acting(Role.NURSE, SITE) as tx:
        record_cohort(tx, stage.study, person.id, CohortEvidence("control", today, ""))
    seen = {"assess_date": today, "assessor_masked": "yes", "usual_aid": "none", "falls": 0}
    _save(stage, person, Place("assessment", 1, "leg_assessment"), seen)
    answered = {"tess_date": today, "tess_mode": "paper", "tess_by": "self", **TESS}
    _save(stage, person, Place("assessment", 1, "tess"), answered)
    return person


def _save(stage: Setup, person: Participant, key: Place, values: Mapping[str, Any]) -> None:
    newcomers.save(stage, person, key, {name: Cell(value) for name, value in values.items()})
