"""Permuted blocks of fixed or random size, within each stratum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from randomiser.allocation import Allocation, BlockTrace, Places
from randomiser.arms import Arm
from randomiser.design import Design
from randomiser.design_rules import is_whole, ratio_words, repeat_problems, total_of
from randomiser.draw import Draw
from randomiser.method import Described, DesignParts, ListMethod, Method
from randomiser.parameters import Parameter
from randomiser.stepwise import pick

LARGEST_BLOCK = 100
LARGEST_WEIGHT = 1000
MOST_SIZES = 20


@dataclass(frozen=True)
class Block:
    """One block of a list.

    start:    the list position at which it begins.
    arms:     the arm at each of its positions, in order.
    integers: every integer drawn for it: first for the size, then for the shuffle.
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
    """Return the block that begins at the list position `start`.

    One integer below the sum of the weights gives the size; then a Fisher-Yates shuffle from the
    end gives the order.
    """
    below = draw(name, start).below
    drawn = [below(sum(design.weights))]
    arms = _arms_in_order(design, design.sizes[pick(design.weights, drawn[0])])
    for last in range(len(arms) - 1, 0, -1):
        other = below(last + 1)
        arms[last], arms[other] = arms[other], arms[last]
        drawn.append(other)
    return Block(start, tuple(arms), tuple(drawn))


def _arms_in_order(design: Design, size: int) -> list[str]:
    times = size // design.ratio_sum
    found: list[str] = []
    for arm in design.arms:
        found += [arm.name] * (arm.ratio * times)
    return found


def _places(block: Block, name: str) -> Places:
    for index, arm in enumerate(block.arms):
        trace = BlockTrace(block.start, len(block.arms), index + 1, block.integers)
        yield Allocation(arm, name, block.start + index, trace)


def block_problems(_: Method, parts: DesignParts) -> Iterator[str]:
    """Yield the problems of the block sizes and of their weights."""
    sizes, weights = parts.given.get("sizes"), parts.given.get("weights")
    if isinstance(sizes, Sequence):
        yield from _size_problems(sizes, parts.arms)
        if isinstance(weights, Sequence):
            yield from _weight_problems(weights, sizes)


def _size_problems(sizes: Sequence[object], arms: Sequence[Arm]) -> Iterator[str]:
    if not sizes:
        yield "There is no block size; give at least one, such as sizes: [4, 6]."
    if len(sizes) > MOST_SIZES:
        yield f"There are {len(sizes)} block sizes; give at most {MOST_SIZES}."
    yield from repeat_problems("Block size", sizes)
    for size in sizes:
        problem = _size_problem(size, arms)
        if problem:
            yield problem


def _size_problem(size: object, arms: Sequence[Arm]) -> str | None:
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        return f"Block size {size!r} is not a whole number above zero."
    if size > LARGEST_BLOCK:
        return f"Block size {size} is too large; the largest is {LARGEST_BLOCK}."
    total = total_of(arms)
    if total is not None and size % total:
        ratio = ratio_words(arms)
        return f"Block size {size} is not a multiple of {total}, the sum of the ratio {ratio}."
    return None


def _weight_problems(weights: Sequence[object], sizes: Sequence[object]) -> Iterator[str]:
    if len(weights) != len(sizes):
        yield f"There are {len(weights)} weights for {len(sizes)} block sizes; give one for each."
    for weight in weights:
        if not isinstance(weight, int) or not is_whole(weight) or not 1 <= weight <= LARGEST_WEIGHT:
            yield f"Weight {weight!r} is not a whole number from 1 to {LARGEST_WEIGHT}."


def _two_sizes(arms: Sequence[Arm]) -> object:
    """Return two block sizes to start from: 4 and 6 for two equal arms."""
    total = sum(arm.ratio for arm in arms)
    return [2 * total, 3 * total]


def _describe(design: Design) -> Described:
    """Return the block sizes with their weights, in words."""
    odds = zip(design.sizes, design.weights, strict=True)
    return [("Block sizes", ", ".join(f"{size} (weight {weight})" for size, weight in odds))]


METHOD = ListMethod(
    name="permuted_blocks",
    label="Permuted blocks",
    parameters=(
        Parameter(name="sizes", label="Block sizes", example=[4, 6], offered=_two_sizes),
        Parameter(
            name="weights",
            label="Weights of the block sizes",
            example=[1, 1],
            omitted=lambda given, _: (1,) * len(given.get("sizes", ())),
        ),
    ),
    limits=(block_problems,),
    places=list_places,
    describe=_describe,
)
