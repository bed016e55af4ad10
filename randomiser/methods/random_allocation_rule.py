"""The random allocation rule: each list has a fixed size, and all orders are equally likely."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.design import Design
from randomiser.parameters import PEOPLE
from randomiser.stepwise import OddsAfter, StepMethod


def odds_of(design: Design) -> OddsAfter:
    """Return the places left for each arm; a list ends after `design.people`.

    Source: docs/randomisation-protocol.md section 10.2; Lachin, Control Clin Trials 1988;9:289-311.
    """
    times = design.people // design.ratio_sum

    def places_left(counts: Sequence[int]) -> list[int]:
        taken = zip(design.arms, counts, strict=True)
        return [arm.ratio * times - count for arm, count in taken]

    return places_left


METHOD = StepMethod(
    name="random_allocation_rule",
    label="Random allocation rule",
    parameters=(PEOPLE,),
    odds_of=odds_of,
)
