"""The study of functional muscle transfer as the demonstration shows it: people in every state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from capture import clock
from capture.access import Role
from capture.entry import service as entry
from capture.installation import Services
from capture.participants import service as participants
from capture.participants.duplicates import derive_key
from capture.participants.records import Participant
from capture.synthetic import RehearsalPlan
from capture.synthetic.demonstration.newcomers import save, screen_newcomer, today_at
from capture.synthetic.people.leanings import Traits
from capture.synthetic.scripted import ScriptedCourse, Story
from capture.synthetic.setup import Setup, prepare
from capture.synthetic.world import World
from forms.evaluation_scope import Place
from forms.values import Cell

SITE = "ardenholm"
OPERATED: Mapping[str, Cell] = {
    "neuromuscular": Cell("no"),
    "surgery_note_seen": Cell("yes"),
    "surgery_for": Cell("sarcoma"),
    "resection_extent": Cell("major"),
    "rehab_complete": Cell("yes"),
    "walks_after": Cell("yes"),
    "leg_amputated": Cell("no"),
    "recurrence_active": Cell("no"),
}
UNOPERATED: Mapping[str, Cell] = {
    "neuromuscular": Cell("no"),
    "walks_now": Cell("yes"),
    "legs_operated": Cell("no"),
}
CAST: tuple[tuple[Story, str, int], ...] = (
    (Story.SCREENED, "transfer", 4),
    (Story.NOT_ENROLLED, "transfer", 60),
    (Story.STAYS, "no_transfer", 50),
    (Story.GOES_ON, "transfer", 280),
    (Story.GOES_ON, "no_transfer", 260),
    (Story.GOES_ON, "control", 240),
    (Story.OVERDUE, "control", 150),
    (Story.WITHDRAWN, "transfer", 300),
    (Story.LOST, "no_transfer", 310),
    (Story.RETURNED, "transfer", 320),
    (Story.DEAD, "no_transfer", 330),
)
"""Whom the demonstration always shows: what becomes of them, their group, days before the end."""
FOLLOWED: tuple[tuple[str, int], ...] = (
    ("transfer", 820),
    ("transfer", 800),
    ("no_transfer", 780),
    ("transfer", 500),
)
"""Who is assessed before the operation and again and again after it: group, days before the end."""


def _traits(group: str, *, is_followed: bool = False) -> Traits:
    route = "unoperated" if group == "control" else "before" if is_followed else "after"
    serial = "yes" if is_followed else "no"
    return {"route": route, "group": group, "side": "left", "serial": serial, "ability": 0.0}


def add_cast(world: World, end: datetime) -> None:
    """Schedule the people who are always there, beside those who come by chance."""
    for story, group, days in CAST:
        fixed = UNOPERATED if group == "control" else OPERATED
        _add(world, end - timedelta(days=days), _traits(group), fixed, story)
    for group, days in FOLLOWED:
        traits = _traits(group, is_followed=True)
        _add(world, end - timedelta(days=days), traits, OPERATED, Story.GOES_ON)


def _add(
    world: World, day: datetime, traits: Traits, fixed: Mapping[str, Cell], story: Story
) -> None:
    site = next(site for site in world.setup.sites if site.slug == SITE)
    person = ScriptedCourse(world, site, traits, fixed=fixed, story=story)
    world.scheduler.add(day, person.screen)


PLAN = RehearsalPlan("functional-muscle-transfer", 14, 20_261_125, cast=add_cast)


def add_newcomers(services: Services) -> None:
    """Two people who consent today: one form asks about a value, another is a draft."""
    setup = prepare(services, PLAN.study, None, clock.now().date())
    today = today_at(setup, SITE)
    asked = _enrol_newcomer(services, setup, "1971-08-30")
    measured = {"height_cm": Cell("203.0"), "weight_kg": Cell("88.0"), "vitals_date": Cell(today)}
    save(setup, asked, Place("enrolment", 1, "vitals"), measured)
    drafted = _enrol_newcomer(services, setup, "1988-02-11")
    with setup.acting(Role.NURSE, SITE) as tx:
        key, typed = Place("enrolment", 1, "leg_state"), {"entry_route": ["before"]}
        entry.keep_draft(tx.connection, tx.actor, drafted, key, typed, entry_version=0)


def _enrol_newcomer(services: Services, setup: Setup, born: str) -> Participant:
    person = screen_newcomer(setup, SITE)
    consent = participants.ConsentTaken("main", "2.0", today_at(setup, SITE), "A. Cole")
    facts = participants.Enrolment(born, "female", consent=consent)
    key = derive_key(services.config.concealment_key)
    with setup.acting(Role.NURSE, SITE) as tx:
        return participants.enrol(tx, PLAN.study, person.id, facts, likeness_key=key)
