"""The reasons why a design cannot be, in words for the statistician who wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from randomiser.arms import Arm, Factor
from randomiser.canonical import name_problem

LARGEST_BLOCK = 100
LARGEST_WEIGHT = 1000
LARGEST_RATIO = 50
FEWEST_ARMS = 2
MOST_ARMS = 26
MOST_SIZES = 20


def is_whole(value: object) -> bool:
    """Say whether a value read from a file is a whole number (yes and no are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def name_problems(randomisation: str, version: int) -> Iterator[str]:
    """Yield what is wrong with the name and version of a design."""
    problem = name_problem("The name of the randomisation", randomisation)
    if problem:
        yield problem
    if not is_whole(version) or version < 1:
        yield f"The design version is {version!r}; versions count from 1."


def arm_problems(arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the arms: their number, names and ratio."""
    if len(arms) < FEWEST_ARMS:
        yield f"The number of arms is {len(arms)}; a randomisation needs at least two."
    if len(arms) > MOST_ARMS:
        yield f"There are {len(arms)} arms; at most {MOST_ARMS} can be allocated."
    yield from _names("Arm", [arm.name for arm in arms])
    for arm in arms:
        if not is_whole(arm.ratio) or not 1 <= arm.ratio <= LARGEST_RATIO:
            yield (
                f"Arm {arm.name} has the ratio {arm.ratio!r}; "
                f"give a whole number from 1 to {LARGEST_RATIO}."
            )


def factor_problems(factors: Sequence[Factor]) -> Iterator[str]:
    """Yield what is wrong with the factors and their levels."""
    yield from _names("Factor", [factor.name for factor in factors])
    for factor in factors:
        if factor.levels is None:
            continue
        if not factor.levels:
            yield f"Factor {factor.name} has no levels; list them, or leave it open."
        yield from _names(f"Level of {factor.name}", factor.levels)


def size_problems(sizes: Sequence[int], arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the block sizes, given the ratio of the arms."""
    if not sizes:
        yield "There is no block size; give at least one, such as sizes: [4, 6]."
    if len(sizes) > MOST_SIZES:
        yield f"There are {len(sizes)} block sizes; give at most {MOST_SIZES}."
    yield from _repeated("Block size", sizes)
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
        ratio = ":".join(str(arm.ratio) for arm in arms)
        return f"Block size {size} is not a multiple of {total}, the sum of the ratio {ratio}."
    return None


def total_of(arms: Sequence[Arm]) -> int | None:
    """Return the sum of the ratio, None when the arms have no possible one."""
    if not arms or not all(is_whole(arm.ratio) and arm.ratio >= 1 for arm in arms):
        return None
    return sum(arm.ratio for arm in arms)


def weight_problems(weights: Sequence[int], sizes: Sequence[int]) -> Iterator[str]:
    """Yield what is wrong with the weights, which go with the sizes one for one."""
    if len(weights) != len(sizes):
        yield f"There are {len(weights)} weights for {len(sizes)} block sizes; give one for each."
    for weight in weights:
        if not is_whole(weight) or not 1 <= weight <= LARGEST_WEIGHT:
            yield f"Weight {weight!r} is not a whole number from 1 to {LARGEST_WEIGHT}."


def _names(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        problem = name_problem(what, name)
        if problem:
            yield problem
    yield from _repeated(what, names)


def _repeated(what: str, values: Sequence[object]) -> Iterator[str]:
    for shown, count in Counter(map(str, values)).items():
        if count > 1:
            yield f"{what} {shown} is given {count} times; name it once."
