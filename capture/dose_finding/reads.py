"""Reads places, decisions and the status of a dose-finding part: open level, recommendation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from capture.dose_finding.tables import dose_decision, dose_slot
from capture.ledger.canonical import digest
from capture.participants.reads import make_participant
from capture.participants.records import Participant
from capture.participants.tables import participant
from capture.problems import Refused
from capture.study.dose_designs import make_dose_design
from capture.visibility import Viewer
from forms.definition import DoseFinding, Study
from randomiser.dose_finding import (
    Act,
    Choice,
    DoseDesign,
    DoseState,
    LevelState,
    Recommendation,
    earliest_day,
    recommend,
)
from randomiser.dose_finding.cohorts import cohort_end


class DoseOutcome(StrEnum):
    """The outcome of a participant at a dose level."""

    DLT = "dlt"
    NO_DLT = "no_dlt"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True)
class Slot:
    """A participant's place at a dose level; without an outcome it is pending."""

    id: str
    participant: str
    site: str
    part: str
    number: int
    level: str
    after: int
    gate: Sequence[Mapping[str, Any]]
    at: str
    local_date: str
    by: str
    outcome: str | None
    outcome_date: str | None
    met: bool | None
    note: str | None
    recorded_by: str | None
    recorded_at: str | None


@dataclass(frozen=True)
class Decision:
    """A signed decision of a committee, the recommendation then, and any need to review it."""

    id: str
    part: str
    number: int
    choice: str
    level: str | None
    until: int | None
    advised: Mapping[str, Any]
    state: Mapping[str, Any]
    committee: str
    reason: str
    study_version: int
    by: str
    at: str
    reopened_at: str | None
    reopened_reason: str | None


@dataclass(frozen=True)
class DoseStanding:
    """The status of a part on a day; it depends on the records and the day alone."""

    part: DoseFinding
    design: DoseDesign
    slots: tuple[Slot, ...]
    decisions: tuple[Decision, ...]
    today: date

    @property
    def last(self) -> Decision | None:
        """The decision in force."""
        return self.decisions[-1] if self.decisions else None

    @property
    def is_reopened(self) -> bool:
        """Whether the last decision has to be reviewed."""
        return self.last is not None and self.last.reopened_at is not None

    @property
    def is_over(self) -> bool:
        """Whether a dose is recommended or the part stopped, and that decision is not reopened."""
        ended = self.last is not None and self.last.choice in (Choice.MTD, Choice.STOP)
        return ended and not self.is_reopened

    @cached_property
    def current(self) -> int:
        """The index of the open level: the one opened last, else the first."""
        opened = [decision.level for decision in self.decisions if decision.level is not None]
        return self.design.levels.index(opened[-1]) if opened else self.design.start

    @property
    def level(self) -> str:
        """The name of the open level."""
        return self.design.levels[self.current]

    @cached_property
    def state(self) -> DoseState:
        """The counts of every level, for the engine."""
        follows = self.design.method == "tite_crm"
        return DoseState(
            self.current,
            tuple(self._level(name, follows=follows) for name in self.design.levels),
        )

    def _level(self, name: str, *, follows: bool) -> LevelState:
        here = [slot for slot in self.slots if slot.level == name]
        judged = [slot for slot in here if slot.outcome in (DoseOutcome.DLT, DoseOutcome.NO_DLT)]
        pending = [slot for slot in here if slot.outcome is None]
        return LevelState(
            evaluable=len(judged),
            dlts=sum(slot.outcome == DoseOutcome.DLT for slot in judged),
            pending=len(pending),
            met=sum(bool(slot.met) for slot in judged),
            replaced=len(here) - len(judged) - len(pending),
            followed=tuple(self._get_followed_part(slot) for slot in pending) if follows else (),
        )

    def _get_followed_part(self, slot: Slot) -> Fraction:
        """Return the part of the DLT window that has passed since registration, from 0 to 1."""
        passed = (self.today - date.fromisoformat(slot.local_date)).days
        return min(max(Fraction(passed, self.part.window_days), Fraction(0)), Fraction(1))

    @cached_property
    def recommendation(self) -> Recommendation:
        """The engine's recommendation for the counts of now."""
        return recommend(self.design, self.state)

    @property
    def places(self) -> int:
        """The number of participants who can be registered now under the last decision.

        0 while the recommendation is below the open level, or leads to a higher one that the
        committee has not been asked about.
        """
        if self.is_over or self.is_reopened or (self.last and self.last.choice == Choice.WAIT):
            return 0
        if self._leads_up:
            return 0
        advised = self.recommendation
        if advised.act is Act.MTD or advised.level is None or advised.level < self.current:
            return 0
        until = self.last.until if self.last else cohort_end(self.design, 0)
        left = (until or 0) - self.state.here.treated
        if self.design.people is not None:
            left = min(left, self.design.people - self.state.treated)
        return max(left, 0)

    @property
    def _leads_up(self) -> bool:
        """Whether a higher level is recommended that the committee has not been asked about.

        Rolling six does so within a cohort. A committee that was asked and decided to stay is not
        asked again until the participants whom it opened the level for have outcomes.
        """
        advised = self.recommendation.level
        if advised is None or advised <= self.current:
            return False
        return self.last is None or self.last.advised["level"] != self.design.levels[advised]

    @property
    def is_due(self) -> bool:
        """Whether the committee has something to decide now."""
        if self.is_over:
            return False
        return self.is_reopened or (not self.places and self.recommendation.act is not Act.WAIT)

    @property
    def earliest(self) -> date | None:
        """The first day on which the second participant of a cohort can be registered, or None.

        None when there is no waiting time, or it is over.
        """
        after = self.last.number if self.last else 0
        days = [date.fromisoformat(slot.local_date) for slot in self.slots if slot.after == after]
        found = earliest_day(days, self.part.stagger_days)
        return found if found is not None and found > self.today else None

    @property
    def seen(self) -> str:
        """The hash of the counts and the last decision, which the committee's page carries."""
        last = self.last
        return digest([list_state_counts(self.state), [last.id, last.reopened_at] if last else []])


def list_state_counts(state: DoseState) -> dict[str, Any]:
    """Return a state as it is stored with a decision; parts of follow-up as text such as `1/3`."""
    return {
        "current": state.current,
        "levels": [
            [
                level.evaluable,
                level.dlts,
                level.pending,
                level.met,
                level.replaced,
                *map(str, level.followed),
            ]
            for level in state.levels
        ],
    }


def make_state(counts: Mapping[str, Any]) -> DoseState:
    """Return the state that was stored with a decision."""
    return DoseState(counts["current"], tuple(_get_level(count) for count in counts["levels"]))


def _get_level(stored: Sequence[Any]) -> LevelState:
    evaluable, dlts, pending, met, replaced, *shares = stored
    return LevelState(
        evaluable, dlts, pending, met, replaced, tuple(Fraction(share) for share in shares)
    )


def get_standing(connection: sa.Connection, study: Study, name: str, today: date) -> DoseStanding:
    """Get the status of a part of the study over all sites; the caller checks permission.

    Raises Refused when the study version no longer has a level that was used. This can happen in
    state test only, since a live study keeps its levels.
    """
    part = study.dose_part(name)
    found = DoseStanding(
        part=part,
        design=make_dose_design(part),
        slots=tuple(list_slots(connection, study.slug, name)),
        decisions=tuple(list_decisions(connection, study.slug, name)),
        today=today,
    )
    used = {slot.level for slot in found.slots} | {
        decision.level for decision in found.decisions if decision.level
    }
    if lost := sorted(used - set(part.level_names)):
        raise Refused(
            f"This study version has no dose level {', '.join(lost)}, which was used before. "
            "Publish a version that has it."
        )
    return found


def list_slots(connection: sa.Connection, study: str, part: str) -> list[Slot]:
    """List the places of a part over all sites, in order of registration."""
    wanted = sa.select(dose_slot).where(dose_slot.c.study == study, dose_slot.c.part == part)
    rows = connection.execute(wanted.order_by(dose_slot.c.number)).mappings()
    return [Slot(**{name: row[name] for name in Slot.__dataclass_fields__}) for row in rows]


def list_slots_with_people(
    connection: sa.Connection, viewer: Viewer, part: str
) -> list[tuple[Slot, Participant]]:
    """List places with their participants, of the sites where the viewer is shown dose levels."""
    study = viewer.study.slug
    wanted = sa.select(participant).where(
        participant.c.study == study,
        participant.c.id.in_(sa.select(dose_slot.c.participant).where(dose_slot.c.study == study)),
    )
    found = map(make_participant, connection.execute(wanted).mappings())
    people = {person.id: person for person in found if viewer.at(person.site).sees_levels}
    every = list_slots(connection, study, part)
    return [(slot, people[slot.participant]) for slot in every if slot.participant in people]


def find_slot(connection: sa.Connection, study: str, pid: str, part: str) -> Slot | None:
    """Find the place of a participant in a part; the caller checks permission."""
    found = (slot for slot in list_slots(connection, study, part) if slot.participant == pid)
    return next(found, None)


def list_decisions(connection: sa.Connection, study: str, part: str) -> list[Decision]:
    """List the decisions of a part, oldest first."""
    wanted = sa.select(dose_decision).where(
        dose_decision.c.study == study, dose_decision.c.part == part
    )
    rows = connection.execute(wanted.order_by(dose_decision.c.number)).mappings()
    return [Decision(**{name: row[name] for name in Decision.__dataclass_fields__}) for row in rows]
