"""The bundled GIST study in a test database, with its sites and people who act there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Grant, Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, transaction
from capture.participants import service
from capture.participants.duplicates import derive_key
from capture.participants.records import Participant
from capture.study import service as study_service
from forms.load import BUNDLED_STUDIES
from tests.support.kept_worlds import checked_folder, done_once

GIST = "gist-imatinib"
KEY = derive_key(b"\x01" * 32)  # of the installation that builders.make_config describes
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def gist() -> study_service.CheckedDefinition:
    return checked_folder(BUNDLED_STUDIES / GIST)


def make_actor(role: Role, *sites: str, study: str = GIST, masked: bool = False) -> Actor:
    """Somebody with one role; without sites at all of them."""
    grant = Grant(study, role, frozenset(sites) or None, masked)
    return Actor(id=f"{role.value}-{'-'.join(sites)}", name=role.label, grants=(grant,))


NURSE = make_actor(Role.NURSE, "northfield")


@dataclass
class Trial:
    """One database with the study published; acts run as the nurse of Northfield unless said."""

    database: Database
    concealment: Concealment
    moment: datetime = field(default=START)

    @contextmanager
    def acting(self, actor: Actor = NURSE) -> Iterator[Transaction]:
        with (
            clock.running_at(self.moment),
            transaction(self.database, actor, self.concealment) as tx,
        ):
            yield tx

    def on(self, day: str) -> Trial:
        """The same trial at nine in the morning (UTC) of another day."""
        moment = datetime.fromisoformat(f"{day}T09:00:00+00:00")
        return Trial(self.database, self.concealment, moment)

    @property
    def today(self) -> str:
        return self.moment.date().isoformat()

    def screen(self, site: str = "northfield", actor: Actor = NURSE) -> Participant:
        with self.acting(actor) as tx:
            return service.screen(tx, GIST, site, service.Screening(self.today))

    def enrol(self, person: Participant, actor: Actor = NURSE, **changes: object) -> Participant:
        with self.acting(actor) as tx:
            facts = self.enrolment(**changes)
            return service.enrol(tx, GIST, person.id, facts, likeness_key=KEY)

    def enrolment(self, **changes: object) -> service.Enrolment:
        """Somebody born in 1961 who consents today; any answer may be another."""
        consent = service.ConsentTaken("main", "2.0", self.today, "A. Cole")
        answers: Mapping[str, object] = {"birth_date": "1961-05-14", "sex": "female"}
        return service.Enrolment(**{"consent": consent, **answers, **changes})  # type: ignore[arg-type]

    def enrolled(self, **changes: object) -> Participant:
        return self.enrol(self.screen(), **changes)

    def allocate(self, person: Participant, arm: str) -> None:
        """Note an allocation as the randomisation does, and plan what follows from it."""
        with self.acting() as tx:
            locked = service.lock(tx, GIST, person.id)
            service.note_fact(tx, locked, "allocation.duration", self.today, value=arm)
            service.plan_visits(tx, locked)


def make_trial(database: Database, concealment: Concealment) -> Trial:
    """The study with all its sites in an empty database, as publishing leaves them."""
    trial = Trial(database, concealment)

    def publish() -> None:
        with trial.acting(SYSTEM_ACTOR) as tx:
            study_service.publish(tx, gist(), add_sites=True)

    done_once(database, "the GIST study published", publish)
    return trial
