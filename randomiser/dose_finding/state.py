"""What is known of a dose-finding part so far, and what a method answers to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import product

from randomiser.dose_finding.problems import StateProblem


@dataclass(frozen=True)
class LevelState:
    """The people of one dose level, by what is known of them.

    evaluable: people whose outcome is known, and counts.
    dlts:      of the evaluable, those with a dose-limiting toxicity.
    pending:   people treated or about to be, whose outcome is not known yet.
    met:       of the evaluable, those who met the second condition, where the design has one.
    replaced:  people who cannot be judged; they count nowhere here and stay in the listings.
    followed:  TITE-CRM alone: of each pending person, the share of the window that has passed.
    """

    evaluable: int = 0
    dlts: int = 0
    pending: int = 0
    met: int = 0
    replaced: int = 0
    followed: tuple[Fraction, ...] = ()

    def __post_init__(self) -> None:
        """Refuse counts that no people can have."""
        if min(self.evaluable, self.dlts, self.pending, self.met, self.replaced) < 0:
            raise StateProblem("A count of people is below 0.")
        if self.dlts > self.evaluable or self.met > self.evaluable:
            raise StateProblem(
                f"{self.dlts} with a DLT and {self.met} who met the second condition cannot be "
                f"among {self.evaluable} evaluable people."
            )
        if self.followed and len(self.followed) != self.pending:
            raise StateProblem("The share of follow-up is to be given for every pending person.")
        if any(not 0 <= share <= 1 for share in self.followed):
            raise StateProblem("A share of follow-up lies outside 0 to 1.")

    @property
    def treated(self) -> int:
        """Everybody who holds a place at the level: evaluable and pending."""
        return self.evaluable + self.pending


@dataclass(frozen=True)
class DoseState:
    """Every level, the lowest first, and the index of the one that is open."""

    current: int
    levels: tuple[LevelState, ...]

    def __post_init__(self) -> None:
        """Refuse an open level that is none of the levels."""
        if not 0 <= self.current < len(self.levels):
            raise StateProblem(f"There is no level with the index {self.current}.")

    @property
    def here(self) -> LevelState:
        """The open level."""
        return self.levels[self.current]

    @property
    def pending(self) -> int:
        """How many outcomes are awaited over all levels."""
        return sum(level.pending for level in self.levels)

    @property
    def evaluable(self) -> int:
        """How many outcomes are known over all levels."""
        return sum(level.evaluable for level in self.levels)

    @property
    def treated(self) -> int:
        """How many people hold a place over all levels."""
        return sum(level.treated for level in self.levels)

    def with_level(self, index: int, level: LevelState) -> DoseState:
        """The same with one level changed."""
        levels = (*self.levels[:index], level, *self.levels[index + 1 :])
        return replace(self, levels=levels)

    def endings(self, *, second_condition: bool) -> Iterator[DoseState]:
        """Every state that the awaited outcomes can lead to.

        second_condition: whether the design has one; without it nothing is tried for it.
        """
        ways = [_endings(level, second_condition) for level in self.levels]
        for levels in product(*ways):
            yield replace(self, levels=levels)


def _endings(level: LevelState, second_condition: bool) -> list[LevelState]:
    mets = range(level.pending + 1) if second_condition else (0,)
    return [
        LevelState(level.evaluable + level.pending, level.dlts + dlts, 0, level.met + met)
        for dlts in range(level.pending + 1)
        for met in mets
    ]


class Act(StrEnum):
    """What a method recommends."""

    ESCALATE = "escalate"
    STAY = "stay"
    DE_ESCALATE = "de_escalate"
    WAIT = "wait"
    STOP = "stop"
    MTD = "mtd"
    COMMITTEE = "committee"


@dataclass(frozen=True)
class Recommendation:
    """What a method recommends, why in words, and the numbers it looked at.

    level:   the index of the level that the next people are to get, or of the recommended dose
             (MTD); None with WAIT, STOP and COMMITTEE.
    slots:   how many people may be registered at `level` (with WAIT: at the open one) right now.
    closed:  the index of the lowest level closed as too toxic; None when all are open.
    numbers: what the decision rests on, each with its name, as text.
    """

    act: Act
    level: int | None
    reason: str
    numbers: tuple[tuple[str, str], ...] = ()
    slots: int = 0
    closed: int | None = None
