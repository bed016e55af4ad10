"""`sarcomere rehearse`: people arrive between two dates, and what is scheduled then happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from capture import clock, ids
from capture.installation import Services
from capture.ledger.sealing import sign_checkpoints
from capture.ledger.tables import ledger
from capture.problems import InvalidInput, Refused
from capture.randomisation.allocation.service.receipts import deliver
from capture.synthetic.answers import Answers
from capture.synthetic.course import SyntheticCourse
from capture.synthetic.people import profile_of
from capture.synthetic.scheduler import Scheduler
from capture.synthetic.setup import Setup, prepare
from capture.synthetic.world import World

YEARS_BACK = 3
MOST_PARTICIPANTS = 100_000
RECRUITING_SHARE = 0.85
"""People arrive during this part of the time, so that the last ones are followed a little too."""


@dataclass(frozen=True)
class RehearsalPlan:
    """What to rehearse. start, end: None is the study's last row, or three years ago, and now.

    folder: the definition to publish where the study is not there yet; the bundled one otherwise.
    cast: schedules further people, given the end.
    """

    study: str
    participants: int
    seed: int
    start: date | None = None
    end: date | None = None
    folder: Path | None = None
    cast: Callable[[World, datetime], None] | None = None


@dataclass(frozen=True)
class Summary:
    """How a rehearsal went."""

    study: str
    participants: int
    acts: int
    refused: int

    @property
    def words(self) -> str:
        return (
            f"{self.study}: {self.participants} invented people, {self.acts} acts, "
            f"{self.refused} of them refused as they should be."
        )


def rehearse(services: Services, plan: RehearsalPlan) -> Summary:
    """Run a synthetic trial through the real services.

    Raises InvalidInput (participants, start, end) and Refused (live study, unknown study, a study
    without sites, a seed that another study was rehearsed with from the same day on).
    """
    now = clock.now()
    start, end = _span(services, plan, now)
    random = Random(plan.seed)
    with ids.draw_from_seed(plan.seed), clock.running_at(start):
        setup = _prepare_study(services, plan, start.date())
        scheduler = Scheduler(end)
        profile = profile_of(plan.study)
        answers = Answers(setup.study, random, profile)
        world = World(setup, scheduler, random, answers, profile)
        _plan_arrivals(world, plan.participants, start, end)
        if plan.cast:
            plan.cast(world, end)
        acts = scheduler.run()
    with clock.running_at(end):
        deliver(
            services.database, services.config.checkpoint_key, services.config.data / "receipts"
        )
        sign_checkpoints(
            services.database, services.config.checkpoint_key, services.config.data / "checkpoints"
        )
    return Summary(plan.study, plan.participants, acts, len(world.refusals))


def _prepare_study(services: Services, plan: RehearsalPlan, first_day: date) -> Setup:
    """Set up as `prepare` does; the same ids twice, of one seed and day, are refused in words."""
    try:
        return prepare(services, plan.study, plan.folder, first_day)
    except IntegrityError as problem:
        raise Refused(
            f"Another study was rehearsed here from {first_day.isoformat()} on with the seed "
            f"{plan.seed}, so the same ids would come again. Give another --seed, or --start."
        ) from problem


def _span(services: Services, plan: RehearsalPlan, now: datetime) -> tuple[datetime, datetime]:
    if not 0 <= plan.participants <= MOST_PARTICIPANTS:
        raise InvalidInput("participants", f"Give a number from 0 to {MOST_PARTICIPANTS}.")
    last = _last_row(services, plan.study)
    end = _midnight(plan.end) if plan.end else now
    if plan.start:
        start = _midnight(plan.start)
    else:
        start = last + timedelta(seconds=1) if last else _midnight(_years_before(now.date()))
    if last and start < last:
        raise InvalidInput(
            "start", f"The study's last row is of {last.date().isoformat()}. Start on a later day."
        )
    if end > now:
        raise InvalidInput(
            "end", "The end is in the future. A rehearsal stops at now at the latest."
        )
    if last and not plan.start and end - start < timedelta(days=1):
        raise InvalidInput(
            "start",
            f"The study's last row is of {last.date().isoformat()}, which leaves no day until the "
            "end. Rehearse where the study is not published yet, with its folder as --definition.",
        )
    if start >= end:
        raise InvalidInput("start", "The start is not before the end.")
    return start, end


def _last_row(services: Services, study: str) -> datetime | None:
    with services.database.reading() as connection:
        at = connection.execute(
            sa.select(sa.func.max(ledger.c.at)).where(ledger.c.study == study)
        ).scalar()
    return clock.from_text(at) if at else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _years_before(day: date) -> date:
    return (day - timedelta(days=round(YEARS_BACK * 365.25))).replace(day=1)


def _plan_arrivals(world: World, count: int, start: datetime, end: datetime) -> None:
    """Spread the first contacts over the recruiting time, over the sites that are open then."""
    setup: Setup = world.setup
    seconds = (end - start).total_seconds() * RECRUITING_SHARE
    for _ in range(count):
        day = (start + timedelta(seconds=world.random.uniform(0, seconds))).date()
        moment = world.at(day + timedelta(days=1), not_before=start)
        site = world.random.choice(setup.sites)
        if site.is_open(moment.date().isoformat()):
            person = SyntheticCourse(world, site, world.profile.traits(world.random))
            world.scheduler.add(moment, person.screen)
