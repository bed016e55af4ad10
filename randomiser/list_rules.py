"""An uploaded list inside a design, and the reasons why one cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from randomiser.arms import Arm, Factor
from randomiser.canonical import name_problem
from randomiser.design_rules import total_of

MOST_ROWS = 10_000
SHA_256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class UploadedList:
    """The rows of one stratum.

    levels: one level code a factor, in the order of the design.
    arms:   the arm at list position 1, 2, 3 …
    """

    levels: tuple[str, ...]
    arms: tuple[str, ...]


def hash_problems(file_hash: object, _: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the hash of the file that the lists came in."""
    if not isinstance(file_hash, str) or not SHA_256.fullmatch(file_hash):
        yield "file_hash is not a SHA-256: 64 hexadecimal characters in lower case."


def row_problems(lists: object, arms: Sequence[Arm]) -> Iterator[str]:
    """Yield what is wrong with the rows: their number, their arms, the ratio at each list's end."""
    if not isinstance(lists, tuple) or not all(isinstance(one, UploadedList) for one in lists):
        yield "An uploaded list does not come in a design file; upload its CSV file."
        return
    rows = sum(len(one.arms) for one in lists)
    if not 1 <= rows <= MOST_ROWS:
        yield f"The list has {rows} rows; it needs 1 to {MOST_ROWS}."
    for one in lists:
        problem = ratio_problem(one.arms, arms)
        if problem:
            yield f"{spoken(one.levels)}: {problem}"


def stratum_problems(lists: Sequence[object], factors: Sequence[Factor]) -> Iterator[str]:
    """Yield what is wrong with the strata that have a list: unknown, or out of order."""
    found = [one for one in lists if isinstance(one, UploadedList)]
    for before, after in pairwise(found):
        if before.levels >= after.levels:
            yield f"{spoken(after.levels)}: its list stands twice or out of order."
    for one in found:
        if len(one.levels) != len(factors):
            yield f"{spoken(one.levels)}: it must have {len(factors)} levels, one a factor."
            continue
        for factor, code in zip(factors, one.levels, strict=True):
            problem = level_problem(factor, code)
            if problem:
                yield problem


def level_problem(factor: Factor, code: str) -> str | None:
    """Say why a code is no level of a factor, or None when it is one."""
    if factor.levels is None:
        return name_problem(factor.name, code)
    if code not in factor.levels:
        return f"{factor.name} is {code!r}; the design knows {', '.join(factor.levels)}."
    return None


def ratio_problem(listed: Sequence[str], arms: Sequence[Arm]) -> str | None:
    """Say why a whole list does not hold the arms exactly in the ratio, or None when it does."""
    total = total_of(arms)
    if total is None:
        return None
    counts = [listed.count(arm.name) for arm in arms]
    times, rest = divmod(len(listed), total)
    wanted = [arm.ratio * times for arm in arms]
    if sum(counts) == len(listed) and not rest and counts == wanted:
        return None
    ratio = ":".join(str(arm.ratio) for arm in arms)
    said = ", ".join(f"{arm.name} {count}" for arm, count in zip(arms, counts, strict=True))
    return (
        f"the {len(listed)} rows of its list hold {said}; at the end of a list the ratio {ratio} "
        "must hold exactly."
    )


def spoken(levels: Sequence[str]) -> str:
    """Name a stratum in words."""
    return ", ".join(levels) or "everybody"
