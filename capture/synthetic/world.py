"""What all invented people share: the setup, the scheduler, one stream of chance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Protocol

from capture.study.reads import Site
from capture.synthetic.answers import Answers
from capture.synthetic.people.leanings import Profile
from capture.synthetic.scheduler import Scheduler
from capture.synthetic.setup import Setup


class EnrolledPerson(Protocol):
    """What invented people know of each other. logged: how many lines each log has."""

    site: Site
    pid: str
    logged: Counter[str]


@dataclass
class World:
    """What all invented people share: the setup, the scheduler, one stream of chance.

    enrolled: everybody so far, in the order of enrolment.
    """

    setup: Setup
    scheduler: Scheduler
    random: Random
    answers: Answers
    profile: Profile
    refusals: list[str] = field(default_factory=list)
    enrolled: list[EnrolledPerson] = field(default_factory=list)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def later(self, moment: datetime, low: float, high: float) -> datetime:
        """Return a moment so many days later, in working hours (UTC)."""
        day = (moment + timedelta(days=self.random.uniform(low, high))).date()
        return self.at(day, not_before=moment)

    def at(self, day: date, not_before: datetime) -> datetime:
        """Draw a moment in the working hours of a day, after `not_before`."""
        minutes = self.random.randint(9 * 60, 16 * 60)
        moment = not_before.replace(
            year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(minutes=minutes, microseconds=self.random.randint(0, 999_999))
        return max(moment, not_before + timedelta(seconds=self.random.randint(30, 600)))
