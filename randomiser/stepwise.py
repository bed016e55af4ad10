"""Methods that allocate one participant at a time: the counts give odds, an integer the arm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from randomiser.allocation import Allocation, Places, StepTrace
from randomiser.design import Design
from randomiser.draw import Draw, below
from randomiser.method import Method

OddsAfter = Callable[[Sequence[int]], Sequence[int]]
"""From how often each arm stands in the list so far to one whole number an arm, in that order."""


def step_places(design: Design, name: str, draw: Draw, odds_after: OddsAfter) -> Places:
    """Yield a list with one integer below the sum of the odds drawn for each position.

    The list ends when the odds of every arm are 0.
    Source: docs/randomisation-protocol.md section 10.
    """
    counts = [0] * len(design.arms)
    for position in count(1):
        odds = tuple(odds_after(counts))
        if not any(odds):
            return
        integer = below(draw(name, position), sum(odds))
        chosen = pick(odds, integer)
        counts[chosen] += 1
        yield Allocation(design.arms[chosen].name, name, position, StepTrace(odds, integer))


def pick(odds: Sequence[int], integer: int) -> int:
    """Return the index of the odds that an integer below their sum falls into."""
    for index, share in enumerate(odds):
        if integer < share:
            return index
        integer -= share
    raise ValueError(f"the integer drawn is {integer} too large for the odds")


def favour_behind(counts: Sequence[int], much: int, little: int) -> tuple[int, int]:
    """Return odds of `much` for the arm of two that is behind; even odds at a tie."""
    if counts[0] == counts[1]:
        return (1, 1)
    return (much, little) if counts[0] < counts[1] else (little, much)


@dataclass(frozen=True, eq=False, kw_only=True)
class StepMethod(Method):
    """A method that draws its lists one participant at a time.

    odds_of: takes a design; returns the function from counts to odds, all 0 when a list is full.
    """

    odds_of: Callable[[Design], OddsAfter]

    def list_places(self, design: Design, name: str, draw: Draw) -> Places:
        """Yield the allocations of a list from position 1 on."""
        return step_places(design, name, draw, self.odds_of(design))
