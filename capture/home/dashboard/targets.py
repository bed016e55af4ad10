"""Dated targets as a plan: how many were to be recruited by the end of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from capture.charts import Point
from capture.home.dashboard.context import DashboardContext
from capture.study.reads import Site

DAY = timedelta(days=1)


@dataclass(frozen=True)
class RecruitmentTarget:
    """A number aimed at, in force from a day. by: when it is to be reached, if that is said."""

    since: date
    number: int
    by: date | None


@dataclass(frozen=True)
class TargetPlan:
    """The aims one after the other, the earliest first; each begins with nobody on `start`."""

    aims: tuple[RecruitmentTarget, ...]

    @property
    def start(self) -> date:
        """When recruitment was first aimed at."""
        return self.aims[0].since

    def in_force(self, day: date) -> RecruitmentTarget | None:
        """The aim that holds on a day."""
        return max((aim for aim in self.aims if aim.since <= day), key=_get_start, default=None)

    def on(self, day: date) -> int | None:
        """How many were to be recruited by the end of a day, rounded half up."""
        aim = self.in_force(day)
        if aim is None or aim.by is None or day >= aim.by:
            return None if aim is None else aim.number
        whole, passed = (aim.by - self.start).days, (day - self.start).days
        return (2 * aim.number * passed + whole) // (2 * whole)

    def line(self, first: date, last: date) -> list[Point]:
        """The plan between two days: a corner where an aim is reached, a step where it changes."""
        found: list[Point] = []
        for index, aim in enumerate(self.aims):
            later = self.aims[index + 1 :]
            begin, end = (
                max(aim.since, first),
                min([last, *(next_aim.since - DAY for next_aim in later)]),
            )
            corner = [aim.by] if aim.by and begin < aim.by < end else []
            if begin <= end:
                days = dict.fromkeys([begin, *corner, end])
                found += [Point(day, self.on(day) or 0) for day in days]
        return found


def _get_start(aim: RecruitmentTarget) -> date:
    return aim.since


def find_plan_of_study(scene: DashboardContext) -> TargetPlan | None:
    """The targets of the study that are in force by today."""
    targets = scene.study.recruitment_target
    aims = [RecruitmentTarget(target.date_from, target.number, target.by) for target in targets]
    return _make_plan([aim for aim in aims if aim.since <= scene.today])


def find_plan_of_site(site: Site, today: date) -> TargetPlan | None:
    """The target of a site, from the day it opened on."""
    if site.target is None or site.open_from is None:
        return None
    by = date.fromisoformat(site.target_by) if site.target_by else None
    aim = RecruitmentTarget(date.fromisoformat(site.open_from), site.target, by)
    return _make_plan([aim] if aim.since <= today else [])


def _make_plan(aims: Sequence[RecruitmentTarget]) -> TargetPlan | None:
    return TargetPlan(tuple(sorted(aims, key=_get_start))) if aims else None


def get_last_day(plan: TargetPlan | None, today: date) -> date:
    """How far a drawing goes: to today, or to the day by which the target is to be reached."""
    aim = plan.in_force(today) if plan else None
    return max(today, aim.by) if aim and aim.by else today
