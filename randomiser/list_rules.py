"""The rows of an uploaded list and the rules for them, shared by file and design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from randomiser.arms import Arm, Factor
from randomiser.canonical import name_problem
from randomiser.design_rules import total_of

MOST_ROWS = 10_000


@dataclass(frozen=True)
class UploadedList:
    """The rows of one stratum.

    levels: one level code for each factor, in the order of the design.
    arms:   the arm at list position 1, 2, 3 …
    """

    levels: tuple[str, ...]
    arms: tuple[str, ...]


def level_problem(factor: Factor, code: str) -> str | None:
    """Return why a code is not a level of a factor; None when it is one."""
    if factor.levels is None:
        return name_problem(factor.name, code)
    if code not in factor.levels:
        return f"{factor.name} is {code!r}; the design knows {', '.join(factor.levels)}."
    return None


def ratio_problem(listed: Sequence[str], arms: Sequence[Arm]) -> str | None:
    """Return why a whole list is not exactly in the ratio; None when it is."""
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


def stratum_words(levels: Sequence[str]) -> str:
    """Return the name of a stratum in words."""
    return ", ".join(levels) or "everybody"
