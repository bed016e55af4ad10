"""How somebody comes into a cohort or an arm: by its evidence, or by randomisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from capture.access import Role
from capture.cohorts.reads import get_cohort_case
from capture.cohorts.service import CohortEvidence, record_cohort
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.allocation.service.allocation_notes import (
    TO_BE_TOLD,
    record_notification,
)
from capture.randomisation.allocation.service.eligibility import (
    ConfirmationResult,
    confirm_eligibility,
    sign_eligibility,
)
from capture.randomisation.allocation.service.gate import get_readiness
from capture.synthetic.person import InventedPerson
from capture.synthetic.setup import DOCTORS

NOTIFIED_AT_ONCE = 0.95


@dataclass
class Joining:
    """One enrolled person who is about to belong to a group."""

    person: InventedPerson

    def enter_cohort(self, moment: datetime) -> None:
        """Record the cohort that the evidence gives where its gate passes; the others stay."""
        setup = self.person.world.setup
        with setup.services.database.reading() as connection:
            case = get_cohort_case(connection, setup.study, self.person.pid)
        found = case.verdict
        if found is None or not case.evaluate_gate(found.cohort).verdict.is_passed:
            return
        where = "Clinic letter of today" if found.cohort.evidence.document else ""
        evidence = CohortEvidence(found.cohort.name, self.person.today().isoformat(), where)
        with setup.acting(Role.NURSE, self.person.site.slug) as tx:
            record_cohort(tx, setup.study, self.person.pid, evidence, seen=case.content_hash)
        if not setup.study.randomisations:
            self.person.continue_study(moment)

    def randomise_if_eligible(self, moment: datetime) -> None:
        """Randomise where a gate passes; a later question is tried again after each visit."""
        person, setup = self.person, self.person.world.setup
        for randomisation in setup.study.randomisations:
            if randomisation.name in person.drawn:
                continue
            with setup.services.database.reading() as connection:
                ready = get_readiness(connection, setup.study, person.pid, randomisation.name)
            if not ready.is_eligible:
                continue
            self._confirm(
                randomisation.name, signs=randomisation.eligibility_confirmed_by == "esign"
            )
            with setup.acting(Role.NURSE, person.site.slug) as tx:
                randomise(tx, setup.study, setup.version, person.pid, randomisation.name)
            self._tell(randomisation.name)
            person.drawn.add(randomisation.name)
            if len(person.drawn) == 1:
                person.continue_study(moment)
            else:
                person.book_visits(moment)

    def _tell(self, name: str) -> None:
        """Notify most people around the participant at once; now and then somebody later."""
        for who in TO_BE_TOLD:
            if who == "participant" or self.person.world.chance(NOTIFIED_AT_ONCE):
                with self.person.world.setup.acting(Role.NURSE, self.person.site.slug) as tx:
                    record_notification(
                        tx, self.person.world.setup.study, self.person.pid, name, who
                    )

    def _confirm(self, name: str, *, signs: bool) -> None:
        setup = self.person.world.setup
        if signs:
            with setup.acting(Role.INVESTIGATOR, self.person.site.slug) as tx:
                ready = get_readiness(tx.connection, setup.study, self.person.pid, name)
                seen = ready.seen_by(tx.concealment)
                sign_eligibility(tx, setup.study, setup.version, self.person.pid, name, seen=seen)
            return
        with setup.acting(Role.NURSE, self.person.site.slug) as tx:
            confirm_eligibility(
                tx,
                setup.study,
                setup.version,
                self.person.pid,
                name,
                said=ConfirmationResult(
                    self.person.world.random.choice(DOCTORS),
                    self.person.today().isoformat(),
                    "Clinic letter of today",
                ),
            )
