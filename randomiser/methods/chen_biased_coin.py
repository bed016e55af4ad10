"""Chen's biased coin: Efron's biased coin with a largest difference between the arms."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.design import Design
from randomiser.method import fair_coin, two_equal_arms
from randomiser.parameters import COIN_P, TOLERANCE
from randomiser.stepwise import OddsAfter, StepMethod, favour_behind


def odds_of(design: Design) -> OddsAfter:
    """Return Efron's odds or, at the tolerance, certainty for the arm behind; a list never ends.

    Source: docs/randomisation-protocol.md section 10.4; Chen, Biometrika 1999;86:709-714.
    """
    much, little = design.p.numerator, design.p.denominator - design.p.numerator

    def odds_after(counts: Sequence[int]) -> Sequence[int]:
        if abs(counts[0] - counts[1]) == design.tolerance:
            return favour_behind(counts, 1, 0)
        return favour_behind(counts, much, little)

    return odds_after


METHOD = StepMethod(
    name="chen_biased_coin",
    label="Chen's biased coin",
    parameters=(COIN_P, TOLERANCE),
    limits=(two_equal_arms,),
    warnings=(fair_coin,),
    odds_of=odds_of,
)
