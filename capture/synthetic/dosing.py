"""A rehearsed dose-finding part: places, outcomes (a few of them late), committee decisions.

Shares and delays are our own defaults [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from capture import clock
from capture.access import Role
from capture.dose_finding import reads, service
from capture.dose_finding.reads import DoseOutcome
from capture.synthetic.person import InventedPerson
from randomiser.dose_finding import Act, Choice, highest_allowed

DLTS, NOT_EVALUABLE, CAREFUL, CAME_LATE = 0.2, 0.06, 0.08, 0.05
MOST_TRIES = 12
_FOLLOWS = {Act.MTD: Choice.MTD, Act.STOP: Choice.STOP}


@dataclass
class Dosing:
    """One enrolled person and one part; where no place is free, another try follows."""

    person: InventedPerson
    part: str
    tries: int = 0

    def register(self, moment: datetime) -> None:
        """Register where the gate passes and a place is free."""
        world = self.person.world
        setup, pid = world.setup, self.person.pid
        with setup.services.database.reading() as connection:
            ready = service.get_registration_readiness(connection, setup.study, pid, self.part)
        if not ready.verdict.is_passed or ready.standing.is_over:
            return
        if ready.obstacles:
            self.tries += 1
            if self.tries < MOST_TRIES:
                world.scheduler.add(world.later(moment, 2, 9), self.register)
            return
        with setup.acting(Role.NURSE, self.person.site.slug) as tx:
            seen = service.get_registration_readiness(
                tx.connection, setup.study, pid, self.part
            ).content_hash
            service.register(tx, setup.study, setup.version, pid, self.part, seen=seen)
        window = setup.study.dose_part(self.part).window_days
        world.scheduler.add(world.later(moment, window + 1, window + 6), self.record_outcome)
        self.person.continue_study(moment)

    def record_outcome(self, moment: datetime) -> None:
        """Record the outcome once the window is over; then the committee meets if due."""
        world = self.person.world
        if world.chance(NOT_EVALUABLE):
            self._judge(DoseOutcome.NOT_EVALUABLE, 5, "Left before the second dose")
        elif world.chance(DLTS):
            self._judge(DoseOutcome.DLT, world.random.randint(3, 20), "Neutropenia, grade 4")
        else:
            self._judge(DoseOutcome.NO_DLT, None, "")
            if world.chance(CAME_LATE):
                world.scheduler.add(world.later(moment, 5, 30), self.record_late_dlt)
        world.scheduler.add(world.later(moment, 0.5, 3), self.decide_dose)

    def record_late_dlt(self, moment: datetime) -> None:
        """Record a DLT that nobody knew of when the outcome was recorded."""
        reason = "A letter from another hospital"
        self._judge(DoseOutcome.DLT, 8, "Sepsis", reason=reason)
        self.person.world.scheduler.add(self.person.world.later(moment, 0.5, 3), self.decide_dose)

    def _judge(
        self, outcome: DoseOutcome, after: int | None, note: str, *, reason: str = ""
    ) -> None:
        world = self.person.world
        setup, pid = world.setup, self.person.pid
        with setup.acting(Role.INVESTIGATOR, self.person.site.slug) as tx:
            slot = reads.find_slot(tx.connection, setup.study.slug, pid, self.part)
            if slot is None:
                return
            first = date.fromisoformat(slot.local_date)
            window = setup.study.dose_part(self.part).window_days
            day = first + timedelta(days=window if after is None else min(after, window))
            has_second = setup.study.dose_part(self.part).second_condition is not None
            met = ("yes" if world.chance(0.5) else "no") if has_second else ""
            result = service.OutcomeResult(outcome.value, day.isoformat(), met, note)
            service.record_outcome(
                tx, setup.study, setup.version, pid, self.part, said=result, reason=reason
            )

    def decide_dose(self, _moment: datetime) -> None:
        """Sign as the committee what is recommended, now and then something more careful."""
        world = self.person.world
        setup = world.setup
        with setup.acting(Role.COMMITTEE) as tx:
            today = clock.today(setup.study.zone)
            now = reads.get_standing(tx.connection, setup.study, self.part, today)
            if not now.is_due:
                return
            ruling = self._make_ruling(now)
            service.decide(tx, setup.study, setup.version, self.part, ruling, seen=now.seen)

    def _make_ruling(self, now: reads.DoseStanding) -> service.CommitteeRuling:
        advised, names = now.recommendation, now.design.levels
        choice = _FOLLOWS.get(advised.act, Choice.OPEN)
        top = highest_allowed(now.design, now.state, advised)
        if choice is Choice.STOP or top is None:
            return service.CommitteeRuling(Choice.STOP.value, "", "No level is safe enough")
        is_careful = choice is Choice.OPEN and top and self.person.world.chance(CAREFUL)
        if is_careful or advised.act is Act.COMMITTEE:
            return service.CommitteeRuling(
                choice.value, names[top - 1 if top else 0], "More people first"
            )
        return service.CommitteeRuling(choice.value, names[top], "")
