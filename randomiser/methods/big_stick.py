"""The big stick: a fair coin until the difference between the arms reaches the tolerance."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.design import Design
from randomiser.method import two_equal_arms
from randomiser.parameters import TOLERANCE
from randomiser.stepwise import OddsAfter, StepMethod, favour_behind


def odds_of(design: Design) -> OddsAfter:
    """Return even odds or, at the tolerance, certainty for the arm behind; a list never ends.

    Source: docs/randomisation-protocol.md section 10.5; Soares and Wu,
    Commun Stat Theory Methods 1983;12:2017-2034.
    """

    def odds_after(counts: Sequence[int]) -> Sequence[int]:
        if abs(counts[0] - counts[1]) == design.tolerance:
            return favour_behind(counts, 1, 0)
        return (1, 1)

    return odds_after


METHOD = StepMethod(
    name="big_stick",
    label="Big stick",
    parameters=(TOLERANCE,),
    limits=(two_equal_arms,),
    odds_of=odds_of,
)
