"""Invented people whose course is fixed, so that a demonstration shows each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from capture.synthetic.course import SyntheticCourse
from capture.synthetic.followup import Followup
from forms.definition import Instrument
from forms.evaluation_scope import Place
from forms.values import Cell


class Story(StrEnum):
    """What becomes of somebody; the turns of `InventedPerson.takes_turn` have the same names."""

    SCREENED = "screened"
    NOT_ENROLLED = "not_enrolled"
    STAYS = "stays"
    GOES_ON = "goes_on"
    OVERDUE = "overdue"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    RETURNED = "returned"
    DEAD = "dead"


@dataclass
class ScriptedCourse(SyntheticCourse):
    """Somebody with a story instead of chances. fixed: the answers that it needs, by item."""

    fixed: Mapping[str, Cell] = field(default_factory=dict)
    story: Story = Story.GOES_ON

    def takes_turn(self, turn: str, share: float) -> bool:  # noqa: ARG002  (nothing is left to chance)
        return turn == self.story

    def examine(self, moment: datetime) -> None:
        if self.story is not Story.SCREENED:
            super().examine(moment)

    def book_visits(self, moment: datetime) -> None:
        if self.story is not Story.OVERDUE:
            super().book_visits(moment)

    def invent_answers(
        self, instrument: Instrument, place: Place, fixed: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        return super().invent_answers(instrument, place, {**self.fixed, **fixed})

    def plan_fate(self, moment: datetime) -> None:
        events = Followup(self)
        ends: Mapping[Story, Callable[[datetime], None]] = {
            Story.WITHDRAWN: events.withdraw_from_followup,
            Story.LOST: events.record_loss,
            Story.RETURNED: events.record_loss,
            Story.DEAD: events.record_death,
        }
        if self.story in ends:
            self.world.scheduler.add(self.world.later(moment, 45, 70), ends[self.story])
