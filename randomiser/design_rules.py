"""The rules that a design must follow; each problem is worded for the statistician."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from randomiser.arms import Arm, Factor
from randomiser.canonical import name_problem

LARGEST_RATIO = 50
FEWEST_ARMS = 2
MOST_ARMS = 26


def is_whole(value: object) -> bool:
    """Return whether a value read from a file is a whole number (true and false are not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def name_problems(randomisation: str, version: int) -> Iterator[str]:
    """Yield what is wrong with the name and version of a design."""
    problem = name_problem("The name of the randomisation", randomisation)
    if problem:
        yield problem
    if not is_whole(version) or version < 1:
        yield f"The design version is {version!r}; versions start at 1."


def arm_problems(arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the arms: their number, names and ratio."""
    if len(arms) < FEWEST_ARMS:
        yield f"The number of arms is {len(arms)}; give at least two."
    if len(arms) > MOST_ARMS:
        yield f"There are {len(arms)} arms; give at most {MOST_ARMS}."
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


def total_of(arms: Sequence[Arm]) -> int | None:
    """Return the sum of the ratio; None when the ratio of an arm is not possible."""
    if not arms or not all(is_whole(arm.ratio) and arm.ratio >= 1 for arm in arms):
        return None
    return sum(arm.ratio for arm in arms)


def ratio_words(arms: Sequence[Arm]) -> str:
    """Return the ratio of the arms as text, such as 2:1."""
    return ":".join(str(arm.ratio) for arm in arms)


def _names(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        problem = name_problem(what, name)
        if problem:
            yield problem
    yield from repeat_problems(what, names)


def repeat_problems(what: str, values: Sequence[object]) -> Iterator[str]:
    """Yield which values are given more than once."""
    for shown, count in Counter(map(str, values)).items():
        if count > 1:
            yield f"{what} {shown} is given {count} times; name it once."
