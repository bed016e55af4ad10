"""The maximal procedure: all sequences within the tolerance that end even are equally likely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from randomiser.design import Design
from randomiser.method import two_equal_arms
from randomiser.parameters import PEOPLE, TOLERANCE
from randomiser.stepwise import OddsAfter, StepMethod


def odds_of(design: Design) -> OddsAfter:
    """Return in how many ways a list can continue with each arm; it ends after `design.people`.

    Source: docs/randomisation-protocol.md section 10.8; Berger, Ivanova
    and Knoll, Stat Med 2003;22:3017-3028; Salama, Ivanova and Qaqish, Stat Med 2008;27:1421-1428.
    """
    ways = ways_to_end_even(design.people, design.tolerance)

    def completions(counts: Sequence[int]) -> Sequence[int]:
        left, ahead = design.people - sum(counts), counts[0] - counts[1]
        if left == 0:
            return (0, 0)
        return ways[left - 1][abs(ahead + 1)], ways[left - 1][abs(ahead - 1)]

    return completions


@lru_cache(maxsize=8)
def ways_to_end_even(people: int, tolerance: int) -> list[list[int]]:
    """Return in how many ways the last r allocations can bring a difference d to 0, as [r][d].

    The last column is the difference just above the tolerance, with 0 ways.
    """
    rows = [[1] + [0] * (tolerance + 1)]
    for _ in range(people - 1):
        last = rows[-1]
        rows.append([*(last[abs(d - 1)] + last[d + 1] for d in range(tolerance + 1)), 0])
    return rows


METHOD = StepMethod(
    name="maximal_procedure",
    label="Maximal procedure",
    parameters=(PEOPLE, TOLERANCE),
    limits=(two_equal_arms,),
    odds_of=odds_of,
)
