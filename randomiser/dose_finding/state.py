"""The state of a dose-finding part, and the recommendation of a method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import product

from randomiser.dose_finding.problems import StateProblem


@dataclass(frozen=True)
class LevelState:
    """Counts of the participants of one dose level.

    evaluable: participants whose outcome is known and counts.
    dlts:      of the evaluable, those with a dose-limiting toxicity.
    pending:   participants treated or about to be, whose outcome is not known yet.
    met:       of the evaluable, those who met the second condition, if the design has one.
    replaced:  participants who cannot be evaluated; no decision counts them, listings do.
    followed:  TITE-CRM only: the share of the window that has passed for each pending participant.
    """

    evaluable: int = 0
    dlts: int = 0
    pending: int = 0
    met: int = 0
    replaced: int = 0
    followed: tuple[Fraction, ...] = ()

    def __post_init__(self) -> None:
        """Raise StateProblem for impossible counts."""
        if min(self.evaluable, self.dlts, self.pending, self.met, self.replaced) < 0:
            raise StateProblem("A count of participants is below 0.")
        if self.dlts > self.evaluable or self.met > self.evaluable:
            raise StateProblem(
                f"{self.dlts} with a DLT and {self.met} who met the second condition cannot be "
                f"among {self.evaluable} evaluable participants."
            )
        if self.followed and len(self.followed) != self.pending:
            raise StateProblem("Give the share of follow-up for every pending participant.")
        if any(not 0 <= share <= 1 for share in self.followed):
            raise StateProblem("A share of follow-up is not from 0 to 1.")

    @property
    def treated(self) -> int:
        """The number of participants with a place at the level: evaluable and pending."""
        return self.evaluable + self.pending


@dataclass(frozen=True)
class DoseState:
    """All levels, the lowest first, and the index of the open one."""

    current: int
    levels: tuple[LevelState, ...]

    def __post_init__(self) -> None:
        """Raise StateProblem when the open level is not one of the levels."""
        if not 0 <= self.current < len(self.levels):
            raise StateProblem(f"There is no level with the index {self.current}.")

    @property
    def here(self) -> LevelState:
        """The open level."""
        return self.levels[self.current]

    @property
    def pending(self) -> int:
        """The number of outcomes awaited over all levels."""
        return sum(level.pending for level in self.levels)

    @property
    def evaluable(self) -> int:
        """The number of outcomes known over all levels."""
        return sum(level.evaluable for level in self.levels)

    @property
    def treated(self) -> int:
        """The number of participants with a place over all levels."""
        return sum(level.treated for level in self.levels)

    def with_level(self, index: int, level: LevelState) -> DoseState:
        """Return the same state with one level changed."""
        levels = (*self.levels[:index], level, *self.levels[index + 1 :])
        return replace(self, levels=levels)

    def endings(self, *, second_condition: bool) -> Iterator[DoseState]:
        """Yield every state that the awaited outcomes can lead to.

        second_condition: whether the design has one; only then its outcomes are varied too.
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
    """The kinds of recommendation."""

    ESCALATE = "escalate"
    STAY = "stay"
    DE_ESCALATE = "de_escalate"
    WAIT = "wait"
    STOP = "stop"
    MTD = "mtd"
    COMMITTEE = "committee"


@dataclass(frozen=True)
class Recommendation:
    """A recommendation with its reason in words and the numbers that were used.

    level:   the index of the level for the next participants, or of the recommended dose (MTD);
             None with WAIT, STOP and COMMITTEE.
    slots:   how many participants may be registered now at `level` (with WAIT: at the open one).
    closed:  the index of the lowest level closed as too toxic; None when all are open.
    numbers: the numbers used for the decision, each with its name, as text.
    """

    act: Act
    level: int | None
    reason: str
    numbers: tuple[tuple[str, str], ...] = ()
    slots: int = 0
    closed: int | None = None
