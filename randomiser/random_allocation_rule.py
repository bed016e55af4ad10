"""The random allocation rule: a fixed number of people a list, every order equally likely."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 to its last, `design.people`.

    Source: docs/randomisation-protocol.md section 10.2; Lachin, Control Clin Trials 1988;9:289-311.
    """
    times = design.people // design.ratio_sum

    def places_left(counts: Sequence[int]) -> list[int]:
        taken = zip(design.arms, counts, strict=True)
        return [arm.ratio * times - count for arm, count in taken]

    return step_places(design, name, draw, places_left)
