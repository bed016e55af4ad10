"""Chen's biased coin: Efron's, with a difference between the arms that is never passed."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import favouring, step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.4; Chen, Biometrika 1999;86:709-714.
    """
    much, little = design.p.numerator, design.p.denominator - design.p.numerator

    def odds_after(counts: Sequence[int]) -> Sequence[int]:
        if abs(counts[0] - counts[1]) == design.tolerance:
            return favouring(counts, 1, 0)
        return favouring(counts, much, little)

    return step_places(design, name, draw, odds_after)
