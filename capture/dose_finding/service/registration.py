"""Registers a participant at the open dose level, in one transaction from lock to place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from capture import clock, ids
from capture.access import Action
from capture.dose_finding import reads
from capture.entry.reads import GateResult, get_casebook, make_sentence
from capture.entry.service import make_condition_check
from capture.ledger.canonical import digest
from capture.ledger.service import Transaction
from capture.participants import event_kinds
from capture.participants import service as participants
from capture.problems import Refused, Stale
from capture.randomisation.allocation.service.gate import list_obstacles
from capture.study.service.turns import take_turn
from capture.visibility import get_viewer
from forms.definition import Study
from forms.eligibility import assess
from randomiser.dose_finding import Choice


@dataclass(frozen=True)
class RegistrationReadiness(GateResult):
    """Everything checked before a registration, and the obstacles to it."""

    standing: reads.DoseStanding
    obstacles: tuple[str, ...]

    @cached_property
    def content_hash(self) -> str:
        """The hash of the open level and of every criterion with its values, which pages carry."""
        return digest([self.standing.level, self.criteria_content])

    def refuse_unless_ready(self) -> None:
        """Raises Refused naming every obstacle, unmet criterion and blank."""
        words = [*self.obstacles, *self.criteria_words()]
        if words:
            raise Refused("Not registered. " + " ".join(make_sentence(word) for word in words))


def get_registration_readiness(
    connection: sa.Connection, study: Study, participant: str, name: str
) -> RegistrationReadiness:
    """Get everything that a registration depends on, as of now; the caller checks permission."""
    known = get_casebook(connection, study, participant)
    scope = known.scope(clock.now())
    part = study.dose_part(name)
    standing = reads.get_standing(connection, study, name, clock.today(known.zone))
    found = list_obstacles(connection, known, part.consent, scope)
    return RegistrationReadiness(
        casebook=known,
        verdict=assess(study.gate(part.gate), scope),
        standing=standing,
        obstacles=(*(obstacle.words for obstacle in found), *_no_place(standing)),
    )


def _no_place(standing: reads.DoseStanding) -> Iterator[str]:
    last = standing.last
    if standing.is_over and last is not None:
        ended = "a dose is recommended" if last.choice == Choice.MTD else "it was stopped"
        yield f"This dose-finding part has ended: {ended}"
    elif standing.is_reopened:
        yield "The last dose decision is being looked at again; no one can be registered until then"
    elif not standing.places:
        yield "No place is open: outcomes are awaited, or the committee has to decide"
    elif standing.earliest is not None:
        day = clock.day_words(standing.earliest.isoformat())
        yield (
            f"The second participant of a cohort may be registered from {day} on, "
            f"{standing.part.stagger_days} days after the first"
        )


def register(
    tx: Transaction, study: Study, study_version: int, participant: str, name: str, *, seen: str
) -> reads.Slot:
    """Register a participant at the open level; a participant who has a place keeps it.

    seen: content hash of the page that the user checked. Site, consent, gate, the open level, its
    places and the days between participants are checked again under the lock.
    Raises Refused with every reason, Stale, NotAllowed, NotFound.
    """
    person = participants.lock(tx, study.slug, participant)
    act = tx.about(person, study_version=study_version).require(Action.DOSE_REGISTER)
    get_viewer(tx.actor, study, person.site).require_levels()
    take_turn(tx, study.slug)
    before = reads.find_slot(tx.connection, study.slug, participant, name)
    if before is not None:
        return before
    ready = get_registration_readiness(tx.connection, study, participant, name)
    ready.refuse_unless_ready()
    if seen != ready.content_hash:
        raise Stale("Something has changed since you opened this page. Check it again.")
    standing, today = ready.standing, clock.today(ready.casebook.zone).isoformat()
    act.record(
        Action.DOSE_REGISTER,
        {
            "id": ids.new_id(),
            "site": person.site,
            "part": name,
            "number": len(standing.slots) + 1,
            "level": standing.level,
            "after": standing.last.number if standing.last else 0,
            "gate": ready.gate_record,
            "local_date": today,
        },
        occurred_at=today,
    )
    participants.note_fact(tx, person, event_kinds.dose(name), today, value=standing.level)
    participants.plan_visits(tx, person, holds=make_condition_check(tx, study, person.id))
    done = reads.find_slot(tx.connection, study.slug, participant, name)
    if done is None:
        raise LookupError(f"no place of participant {participant} after it was registered")
    return done
