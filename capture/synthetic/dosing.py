"""A rehearsed dose-finding part: places, outcomes, now and then a late one, the committee's word.

Shares and delays are our own defaults [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from capture import clock
from capture.access import Role
from capture.dose_finding import reads, service
from capture.dose_finding.reads import DoseOutcome
from randomiser.dose_finding import Act, Choice, highest_allowed

if TYPE_CHECKING:
    from capture.synthetic.person import InventedPerson

DLTS, NOT_EVALUABLE, CAREFUL, CAME_LATE = 0.2, 0.06, 0.08, 0.05
MOST_TRIES = 12
_FOLLOWS = {Act.MTD: Choice.MTD, Act.STOP: Choice.STOP}


@dataclass
class Dosing:
    """One enrolled person and one part; somebody for whom no place is free comes again."""

    person: InventedPerson
    part: str
    tries: int = 0

    def registered(self, moment: datetime) -> None:
        """Register where the gate passes and a place is free."""
        company = self.person.company
        stage, pid = company.stage, self.person.pid
        with stage.services.database.reading() as connection:
            ready = service.readiness(connection, stage.study, pid, self.part)
        if not ready.verdict.is_passed or ready.standing.is_over:
            return
        if ready.obstacles:
            self.tries += 1
            if self.tries < MOST_TRIES:
                company.agenda.add(company.later(moment, 2, 9), self.registered)
            return
        with stage.acting(Role.NURSE, self.person.site.slug) as tx:
            seen = service.readiness(tx.connection, stage.study, pid, self.part).content_hash
            service.register(tx, stage.study, stage.version, pid, self.part, seen=seen)
        window = stage.study.dose_part(self.part).window_days
        company.agenda.add(company.later(moment, window + 1, window + 6), self.judged)
        self.person.goes_on(moment)

    def judged(self, moment: datetime) -> None:
        """What became of the person, once the window is over; then the committee meets if due."""
        company = self.person.company
        if company.chance(NOT_EVALUABLE):
            self._judge(DoseOutcome.NOT_EVALUABLE, 5, "Left before the second dose")
        elif company.chance(DLTS):
            self._judge(DoseOutcome.DLT, company.random.randint(3, 20), "Neutropenia, grade 4")
        else:
            self._judge(DoseOutcome.NO_DLT, None, "")
            if company.chance(CAME_LATE):
                company.agenda.add(company.later(moment, 5, 30), self.came_late)
        company.agenda.add(company.later(moment, 0.5, 3), self.decided)

    def came_late(self, moment: datetime) -> None:
        """A DLT that nobody knew of when the outcome was recorded."""
        reason = "A letter from another hospital"
        self._judge(DoseOutcome.DLT, 8, "Sepsis", reason=reason)
        self.person.company.agenda.add(self.person.company.later(moment, 0.5, 3), self.decided)

    def _judge(
        self, outcome: DoseOutcome, after: int | None, note: str, *, reason: str = ""
    ) -> None:
        company = self.person.company
        stage, pid = company.stage, self.person.pid
        with stage.acting(Role.INVESTIGATOR, self.person.site.slug) as tx:
            slot = reads.find_slot(tx.connection, stage.study.slug, pid, self.part)
            if slot is None:
                return
            first = date.fromisoformat(slot.local_date)
            window = stage.study.dose_part(self.part).window_days
            day = first + timedelta(days=window if after is None else min(after, window))
            has_second = stage.study.dose_part(self.part).second_condition is not None
            met = ("yes" if company.chance(0.5) else "no") if has_second else ""
            said = service.OutcomeResult(outcome.value, day.isoformat(), met, note)
            service.judge(tx, stage.study, stage.version, pid, self.part, said=said, reason=reason)

    def decided(self, _moment: datetime) -> None:
        """The committee signs what is recommended, now and then something more careful."""
        company = self.person.company
        stage = company.stage
        with stage.acting(Role.COMMITTEE) as tx:
            today = clock.today(stage.study.zone)
            now = reads.get_standing(tx.connection, stage.study, self.part, today)
            if not now.is_due:
                return
            ruling = self._ruling(now)
            service.decide(tx, stage.study, stage.version, self.part, ruling, seen=now.seen)

    def _ruling(self, now: reads.DoseStanding) -> service.CommitteeRuling:
        advised, names = now.recommendation, now.design.levels
        choice = _FOLLOWS.get(advised.act, Choice.OPEN)
        top = highest_allowed(now.design, now.state, advised)
        if choice is Choice.STOP or top is None:
            return service.CommitteeRuling(Choice.STOP.value, "", "No level is safe enough")
        is_careful = choice is Choice.OPEN and top and self.person.company.chance(CAREFUL)
        if is_careful or advised.act is Act.COMMITTEE:
            return service.CommitteeRuling(
                choice.value, names[top - 1 if top else 0], "More people first"
            )
        return service.CommitteeRuling(choice.value, names[top], "")
