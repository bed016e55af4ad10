"""The allocation of one participant, with everything that a replay needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Plain = dict[str, list[int] | list[str]]


@dataclass(frozen=True)
class BlockTrace:
    """How a block led to an allocation; only the unblinded statistician may see it."""

    start: int
    size: int
    place: int  # in the block, counted from 1
    integers: tuple[int, ...]

    def as_plain(self) -> Plain:
        """Return the trace as JSON keeps it."""
        return {
            "block": [self.start, self.size, self.place],
            "integers": list(self.integers),
        }


@dataclass(frozen=True)
class StepTrace:
    """How one integer led to an allocation; concealed from all but the unblinded statistician.

    odds:       one whole number an arm, in the order of the design; the integer is below their sum.
    imbalances: what each arm would have left, where the method weighs that, as exact text.
    """

    odds: tuple[int, ...]
    integer: int
    imbalances: tuple[str, ...] = ()

    def as_plain(self) -> Plain:
        """Return the trace as JSON keeps it, in text: many programs read no more than 64 bits."""
        plain: Plain = {
            "odds": [str(share) for share in self.odds],
            "integers": [str(self.integer)],
        }
        return plain | ({"imbalances": list(self.imbalances)} if self.imbalances else {})


@dataclass(frozen=True)
class RowTrace:
    """A row of an uploaded list: nothing was drawn."""

    def as_plain(self) -> Plain:
        """Return the trace as JSON keeps it."""
        return {"integers": []}


@dataclass(frozen=True)
class Allocation:
    """The arm at one list position, and how it was drawn."""

    arm: str
    list_name: str
    list_position: int
    trace: BlockTrace | StepTrace | RowTrace


Places = Iterator[Allocation]
"""The allocations of a list from position 1 on."""
