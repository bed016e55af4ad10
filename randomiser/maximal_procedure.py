"""The maximal procedure: every sequence within the tolerance that ends even is equally likely."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 to its last, `design.people`.

    Source: docs/randomisation-protocol.md section 10.8; Berger, Ivanova
    and Knoll, Stat Med 2003;22:3017-3028; Salama, Ivanova and Qaqish, Stat Med 2008;27:1421-1428.
    """
    ways = _ways(design.people, design.tolerance)

    def completions(counts: Sequence[int]) -> Sequence[int]:
        left, ahead = design.people - sum(counts), counts[0] - counts[1]
        if left == 0:
            return (0, 0)
        return ways[left - 1][abs(ahead + 1)], ways[left - 1][abs(ahead - 1)]

    return step_places(design, name, draw, completions)


@lru_cache(maxsize=8)
def _ways(people: int, tolerance: int) -> list[list[int]]:
    """In how many ways the last r people can end even from a difference d, as [r][d].

    The difference just past the tolerance stands at the end, with no way.
    """
    rows = [[1] + [0] * (tolerance + 1)]
    for _ in range(people - 1):
        last = rows[-1]
        rows.append([*(last[abs(d - 1)] + last[d + 1] for d in range(tolerance + 1)), 0])
    return rows
