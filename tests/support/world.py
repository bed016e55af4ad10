"""One installation with people in every state and an account for every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from capture.access import Role
from capture.accounts.tables import membership
from capture.corrections.service import strike_visit
from capture.entry.reads import find_entry_at, list_struck
from capture.entry.service import keep_draft
from capture.oversight.service import ask_redaction
from capture.participants import reads as participants
from capture.participants.records import Participant
from capture.participants.service import add_visit
from capture.randomisation.designs.service import designs
from capture.web.request_context import EXTENSION, Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_user
from tests.support.esign import ESIGN, add_esign_design, screened_walker
from tests.support.randomising import DESIGN, DURATION, confirm, definition, delegate, draw, fill_in
from tests.support.randomising_pages import recent, running_trial, screened
from tests.support.trial import GIST, Trial, make_actor

OWN, OTHER = "northfield", "harbourside"
SITE_BOUND = (Role.NURSE, Role.INVESTIGATOR, Role.MONITOR)
FORM = "vitals"

Arguments = Mapping[str, str | int]


@dataclass(frozen=True)
class World:
    """Where to go: the arguments of addresses at the own site, another site, another study."""

    app: Flask
    trial: Trial
    own: Arguments
    other: Arguments
    elsewhere: Arguments
    screened: Participant
    ready: Participant
    leaving: Participant

    @property
    def services(self) -> Services:
        known: Services = self.app.extensions[EXTENSION]
        return known

    def visitor(self, role: Role) -> Visitor:
        """A browser in which the account of this role has signed in."""
        visitor = Visitor(self.app)
        answer = visitor.sign_in(email_of(role))
        assert answer.status_code == 303, answer.text
        return visitor


def email_of(role: Role) -> str:
    return f"{role.value.replace('_', '-')}@world.example"


def make_world(app: Flask) -> World:
    """The GIST trial with two sites in use, the esign study beside it, and the eight accounts."""
    services: Services = app.extensions[EXTENSION]
    trial = running_trial(services)
    delegate(trial, OTHER)
    add_esign_design(services)
    people = {role: _account(services, role) for role in Role}
    _further_design(trial, people[Role.UNBLINDED])
    mine, theirs = allocated(trial, OWN), allocated(trial, OTHER)
    walker = screened_walker(services)
    for person in (mine, theirs):
        _keep_draft(trial, person)
        _strike_a_visit(trial, person)
    common = _common(services, trial, mine, people[Role.NURSE])
    return World(
        app=app,
        trial=trial,
        own={**common, **_places(trial, mine), "slug": OWN},
        other={**common, **_places(trial, theirs), "slug": OTHER},
        elsewhere={**common, **_places(trial, walker), "study": ESIGN, "slug": walker.site},
        screened=trial.screen(),
        ready=screened(trial),
        leaving=allocated(trial, OWN),
    )


def _account(services: Services, role: Role) -> str:
    sites = (OWN,) if role in SITE_BOUND else None
    name = f"Somebody, {role.label}"
    return make_user(services, email=email_of(role), name=name, role=role, sites=sites).id


def allocated(trial: Trial, site: str) -> Participant:
    """Somebody of this site who was enrolled, judged eligible and randomised today."""
    nurse = make_actor(Role.NURSE, site)
    person = trial.enrol(
        trial.screen(site, nurse),
        nurse,
        duplicate_confirmed=True,
        duplicate_reason="Somebody else",
    )
    fill_in(trial, person, recent(), actor=nurse)
    confirm(trial, person, nurse)
    draw(trial, person, nurse)
    return person


def _further_design(trial: Trial, user: str) -> None:
    """A second design that waits for its activation, and a key that is asked to be unsealed."""
    unblinded = make_actor(Role.UNBLINDED)
    with trial.acting(unblinded) as tx:
        designs.enter_design(tx, definition(trial), 1, DURATION, dict(DESIGN))
    with trial.acting(unblinded) as tx:
        designs.ask_unsealing(tx, GIST, f"{DURATION}/1", "The trial has ended")


def _keep_draft(trial: Trial, person: Participant) -> None:
    """A colleague's draft of the vital signs."""
    colleague = make_actor(Role.INVESTIGATOR, person.site)
    with trial.database.writing() as connection:
        keep_draft(
            connection,
            colleague,
            person,
            Place("baseline", 1, FORM),
            {"height_cm": ["171"]},
            entry_version=0,
        )


def _strike_a_visit(trial: Trial, person: Participant) -> None:
    """A visit that was added to the wrong person."""
    with trial.acting(make_actor(Role.NURSE, person.site)) as tx:
        visit = add_visit(tx, GIST, person.id, slug="unscheduled", date=trial.today)
        strike_visit(tx, definition(trial), person.id, visit.id, reason="Somebody else's visit")


def _places(trial: Trial, person: Participant) -> dict[str, str | int]:
    with trial.database.reading() as connection:
        visit = participants.list_visits(connection, person.id)[0]
        entry = find_entry_at(connection, person.id, Place("baseline", 1, "gist_history"))
        struck = list_struck(connection, person.id)
    return {
        "study": person.study,
        "pid": person.id,
        "visit_id": visit.id,
        "visit": visit.id,
        "visit_slug": visit.slug,
        "occurrence": visit.occurrence,
        "entry": entry.id if entry else "none",
        "struck": struck[0].id if struck else "none",
    }


def _common(
    services: Services, trial: Trial, mine: Participant, nurse: str
) -> dict[str, str | int]:
    """What is the same wherever one stands: forms, versions, people, things taken away."""
    entry = str(_places(trial, mine)["entry"])
    data_manager = make_actor(Role.DATA_MANAGER)
    with trial.acting(data_manager) as tx:
        asked = ask_redaction(
            tx, GIST, mine.id, entry=entry, item="gist_size_mm", reason="Not needed"
        )
    with services.database.reading() as connection:
        role = connection.execute(
            sa.select(membership.c.id).where(membership.c.user == nurse)
        ).scalar_one()
    return {
        "instrument": FORM,
        "item": "gist_size_mm",
        "file": "none",
        "name": DURATION,
        "number": 1,
        "user": nurse,
        "membership": role,
        "request_id": asked,
        "table": "by-site",
        "filename": "boot.js",
        "batch": "none",
    }
