"""Efron's biased coin: the arm that is behind comes with probability p, at a tie 1/2."""

from __future__ import annotations

from randomiser.design import Design
from randomiser.method import two_equal_arms
from randomiser.parameters import COIN_P
from randomiser.stepwise import OddsAfter, StepMethod, favour_behind


def odds_of(design: Design) -> OddsAfter:
    """Return odds that favour the arm that is behind; a list never ends.

    Source: docs/randomisation-protocol.md section 10.3; Efron, Biometrika 1971;58:403-417.
    """
    much, little = design.p.numerator, design.p.denominator - design.p.numerator
    return lambda counts: favour_behind(counts, much, little)


METHOD = StepMethod(
    name="efron_biased_coin",
    label="Efron's biased coin",
    parameters=(COIN_P,),
    limits=(two_equal_arms,),
    odds_of=odds_of,
)
