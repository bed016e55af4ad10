"""Permuted blocks of fixed or random size, within each stratum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from randomiser.design import Design
from randomiser.draw import Draw, list_of
from randomiser.history import Event
from randomiser.problems import ReplayDiffers


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


@dataclass(frozen=True)
class BlockTrace:
    """How a block led to an allocation; concealed from all but the unblinded statistician."""

    start: int
    size: int
    place: int  # in the block, counted from 1
    integers: tuple[int, ...]


@dataclass(frozen=True)
class Allocation:
    """The decision for one participant, with all that a replay needs."""

    arm: str
    list_name: str
    list_position: int
    trace: BlockTrace


def allocate(
    design: Design, history: Sequence[Event], levels: Mapping[str, str], draw: Draw
) -> Allocation:
    """Allocate the next participant by permuted blocks within their stratum.

    design:  every block size is a multiple of the ratio's sum.
    history: earlier events, oldest first; all of this list's, other lists' are passed over.
    levels:  one level code per factor of the design, such as {"country": "GB"}.
    draw:    opens the integers at the first position of a block; `keyed(key)` in a real trial.

    Returns the allocation at the list's next position. Deterministic given its arguments. Every
    earlier position of the list is derived again first, so that nothing is built on a changed past.
    Raises UnknownLevel, ReplayDiffers.
    Source: docs/randomisation-protocol.md section 7; Zelen, J Chronic Dis 1974;27:365-375.
    """
    name = list_of(design, levels)
    places = list_places(design, name, draw)
    for event in history:
        if event.list_name == name:
            _refuse_difference(event, next(places))
    return next(places)


def list_places(design: Design, name: str, draw: Draw) -> Iterator[Allocation]:
    """Yield the allocations of a list from position 1 on; a list never ends."""
    start = 1
    while True:
        block = block_at(design, name, start, draw)
        yield from _places(block, name)
        start += len(block.arms)


def block_at(design: Design, name: str, start: int, draw: Draw) -> Block:
    """Return the block whose first place is the list position `start`.

    Size first, one integer below the sum of the weights; then Fisher-Yates from the end.
    """
    integers = draw(name, start)
    drawn = [integers.below(sum(design.weights))]
    arms = _unshuffled(design, _size(design, drawn[0]))
    for last in range(len(arms) - 1, 0, -1):
        other = integers.below(last + 1)
        arms[last], arms[other] = arms[other], arms[last]
        drawn.append(other)
    return Block(start, tuple(arms), tuple(drawn))


def _size(design: Design, drawn: int) -> int:
    for size, weight in zip(design.sizes, design.weights, strict=True):
        if drawn < weight:
            return size
        drawn -= weight
    raise ValueError(f"the integer drawn for the block size is {drawn} too large")


def _unshuffled(design: Design, size: int) -> list[str]:
    times = size // design.ratio_sum
    return [arm.name for arm in design.arms for _ in range(arm.ratio * times)]


def _places(block: Block, name: str) -> Iterator[Allocation]:
    for index, arm in enumerate(block.arms):
        trace = BlockTrace(block.start, len(block.arms), index + 1, block.integers)
        yield Allocation(arm, name, block.start + index, trace)


def _refuse_difference(event: Event, place: Allocation) -> None:
    which = "an earlier event" if event.number is None else f"number {event.number}"
    if event.list_position != place.list_position:
        raise ReplayDiffers(
            f"Not randomised: {which} is out of its place in the list. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )
    if event.arm is not None and event.arm != place.arm:
        raise ReplayDiffers(
            f"Not randomised: {which} does not have the arm that the key gives. "
            "Tell the unblinded statistician; nothing may be drawn until this is explained.",
            event.number,
        )
