"""How somebody comes into a cohort or an arm: recorded by its evidence, or drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from capture.access import Role
from capture.cohorts.reads import get_cohort_case
from capture.cohorts.service import CohortEvidence, record_cohort
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.allocation.service.allocation_notes import TO_BE_TOLD, tell
from capture.randomisation.allocation.service.eligibility import ConfirmationResult, confirm, sign
from capture.randomisation.allocation.service.gate import readiness
from capture.synthetic.setup import DOCTORS

if TYPE_CHECKING:
    from capture.synthetic.person import InventedPerson

TOLD_AT_ONCE = 0.95


@dataclass
class Joining:
    """One enrolled person who is about to belong to a group."""

    person: InventedPerson

    def grouped(self, moment: datetime) -> None:
        """Record the cohort that the evidence gives where its gate passes; the others stay."""
        stage = self.person.company.stage
        with stage.services.database.reading() as connection:
            case = get_cohort_case(connection, stage.study, self.person.pid)
        found = case.verdict
        if found is None or not case.evaluate_gate(found.cohort).verdict.is_passed:
            return
        where = "Clinic letter of today" if found.cohort.evidence.document else ""
        said = CohortEvidence(found.cohort.name, self.person.today().isoformat(), where)
        with stage.acting(Role.NURSE, self.person.site.slug) as tx:
            record_cohort(tx, stage.study, self.person.pid, said, seen=case.content_hash)
        if not stage.study.randomisations:
            self.person.goes_on(moment)

    def randomised(self, moment: datetime) -> None:
        """Randomise where a gate passes; a later question is tried again after each visit."""
        person, stage = self.person, self.person.company.stage
        for randomisation in stage.study.randomisations:
            if randomisation.name in person.drawn:
                continue
            with stage.services.database.reading() as connection:
                ready = readiness(connection, stage.study, person.pid, randomisation.name)
            if not ready.is_eligible:
                continue
            self._confirm(
                randomisation.name, signs=randomisation.eligibility_confirmed_by == "esign"
            )
            with stage.acting(Role.NURSE, person.site.slug) as tx:
                randomise(tx, stage.study, stage.version, person.pid, randomisation.name)
            self._tell(randomisation.name)
            person.drawn.add(randomisation.name)
            if len(person.drawn) == 1:
                person.goes_on(moment)
            else:
                person.book(moment)

    def _tell(self, name: str) -> None:
        """Most people around the participant are told at once, now and then one later."""
        for who in TO_BE_TOLD:
            if who == "participant" or self.person.company.chance(TOLD_AT_ONCE):
                with self.person.company.stage.acting(Role.NURSE, self.person.site.slug) as tx:
                    tell(tx, self.person.company.stage.study, self.person.pid, name, who)

    def _confirm(self, name: str, *, signs: bool) -> None:
        stage = self.person.company.stage
        if signs:
            with stage.acting(Role.INVESTIGATOR, self.person.site.slug) as tx:
                ready = readiness(tx.connection, stage.study, self.person.pid, name)
                seen = ready.seen_by(tx.concealment)
                sign(tx, stage.study, stage.version, self.person.pid, name, seen=seen)
            return
        with stage.acting(Role.NURSE, self.person.site.slug) as tx:
            confirm(
                tx,
                stage.study,
                stage.version,
                self.person.pid,
                name,
                said=ConfirmationResult(
                    self.person.company.random.choice(DOCTORS),
                    self.person.today().isoformat(),
                    "Clinic letter of today",
                ),
            )
