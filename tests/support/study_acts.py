"""People and short ways to act as them, for tests of the study feature's services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from capture.access import SYSTEM_ACTOR, Actor, Grant, Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction, transaction
from capture.ledger.verify import verify_study
from capture.study import service
from tests.support.kept_worlds import checked
from tests.support.study_files import STUDY, make_study_files


def make_actor(
    *, role: Role = Role.TRIAL_MANAGER, study: str = STUDY, sites: frozenset[str] | None = None
) -> Actor:
    return Actor(id=f"user-{role.value}", name=role.label, grants=(Grant(study, role, sites),))


MANAGER = make_actor()


@dataclass(frozen=True)
class Acts:
    """One installation, and who acts in it when nothing else is said."""

    database: Database
    concealment: Concealment

    @contextmanager
    def acting(self, actor: Actor = MANAGER) -> Iterator[Transaction]:
        with transaction(self.database, actor, self.concealment) as tx:
            yield tx

    def publish(self, *changes: tuple[str, str], actor: Actor = MANAGER) -> int:
        """Publish the small study with changes; returns the version's number."""
        with self.acting(actor) as tx:
            return service.publish(tx, make_study_files(*changes)).number

    def go_live(self) -> None:
        """Publish the small study and approve it."""
        number = self.publish()
        with self.acting() as tx:
            service.approve(tx, STUDY, number)

    def with_sites(self) -> None:
        """Publish the small study in test with its made-up sites."""
        with self.acting(SYSTEM_ACTOR) as tx:
            service.publish(tx, checked(make_study_files()), add_sites=True)

    def disagreements(self) -> list[str]:
        """What verify finds wrong after the acts of a test: nothing, unless someone tampered."""
        with self.database.reading() as connection:
            return verify_study(connection, self.concealment, STUDY).findings
