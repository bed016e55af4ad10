"""The big stick: a fair coin, until the difference between the arms is the largest allowed."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import favouring, step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.5; Soares and Wu,
    Commun Stat Theory Methods 1983;12:2017-2034.
    """

    def odds_after(counts: Sequence[int]) -> Sequence[int]:
        if abs(counts[0] - counts[1]) == design.tolerance:
            return favouring(counts, 1, 0)
        return (1, 1)

    return step_places(design, name, draw, odds_after)
