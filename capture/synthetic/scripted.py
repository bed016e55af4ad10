"""People whose course is written, where a demonstration must show somebody in each state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from capture.synthetic.followup import Followup
from capture.synthetic.person import InventedPerson
from forms.definition import Instrument
from forms.evaluation_scope import Place
from forms.values import Cell


class Story(StrEnum):
    """What becomes of somebody; the turns of `Person.turns` bear the same names."""

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
class Scripted(InventedPerson):
    """Somebody with a story instead of chances. fixed: the answers that it needs, by item."""

    fixed: Mapping[str, Cell] = field(default_factory=dict)
    story: Story = Story.GOES_ON

    def turns(self, turn: str, share: float) -> bool:  # noqa: ARG002  (nothing is left to chance)
        return turn == self.story

    def examined(self, moment: datetime) -> None:
        if self.story is not Story.SCREENED:
            super().examined(moment)

    def book(self, moment: datetime) -> None:
        if self.story is not Story.OVERDUE:
            super().book(moment)

    def answers_at(
        self, instrument: Instrument, place: Place, fixed: Mapping[str, Cell]
    ) -> dict[str, Cell]:
        return super().answers_at(instrument, place, {**self.fixed, **fixed})

    def fate(self, moment: datetime) -> None:
        later = Followup(self)
        ends: Mapping[Story, Callable[[datetime], None]] = {
            Story.WITHDRAWN: later.follow_up_withdrawal,
            Story.LOST: later.loss,
            Story.RETURNED: later.loss,
            Story.DEAD: later.death,
        }
        if self.story in ends:
            self.company.agenda.add(self.company.later(moment, 45, 70), ends[self.story])
