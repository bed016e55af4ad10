"""Permuted blocks of fixed or random size, within each stratum."""

from __future__ import annotations

from dataclasses import dataclass

from randomiser.allocation import Allocation, BlockTrace, Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import pick


@dataclass(frozen=True)
class Block:
    """One block of a list.

    start:    the list position of its first place.
    arms:     the arm of each place, in order.
    integers: every integer drawn for it: the one for the size, then those of the shuffle.
    """

    start: int
    arms: tuple[str, ...]
    integers: tuple[int, ...]


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 7; Zelen, J Chronic Dis 1974;27:365-375.
    """
    start = 1
    while True:
        block = block_at(design, name, start, draw)
        yield from _places(block, name)
        start += len(block.arms)


def block_at(design: Design, name: str, start: int, draw: Draw) -> Block:
    """Return the block whose first place is the list position `start`.

    Size first, one integer below the sum of the weights; then Fisher-Yates from the end.
    """
    below = draw(name, start).below
    drawn = [below(sum(design.weights))]
    arms = _unshuffled(design, design.sizes[pick(design.weights, drawn[0])])
    for last in range(len(arms) - 1, 0, -1):
        other = below(last + 1)
        arms[last], arms[other] = arms[other], arms[last]
        drawn.append(other)
    return Block(start, tuple(arms), tuple(drawn))


def _unshuffled(design: Design, size: int) -> list[str]:
    times = size // design.ratio_sum
    found: list[str] = []
    for arm in design.arms:
        found += [arm.name] * (arm.ratio * times)
    return found


def _places(block: Block, name: str) -> Places:
    for index, arm in enumerate(block.arms):
        trace = BlockTrace(block.start, len(block.arms), index + 1, block.integers)
        yield Allocation(arm, name, block.start + index, trace)
