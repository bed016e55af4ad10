"""Efron's biased coin: the arm behind has probability p; at a tie both arms have 1/2."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from randomiser.design import Design
from randomiser.figures import percent
from randomiser.method import fair_coin, two_equal_arms
from randomiser.parameters import COIN_P
from randomiser.stepwise import OddsAfter, StepMethod, favour_behind

BOLD = Fraction(4, 5)


def odds_of(design: Design) -> OddsAfter:
    """Return odds that favour the arm behind; a list never ends.

    Source: docs/randomisation-protocol.md section 10.3; Efron, Biometrika 1971;58:403-417.
    """
    much, little = design.p.numerator, design.p.denominator - design.p.numerator
    return lambda counts: favour_behind(counts, much, little)


def _bold_coin(design: Design) -> Iterator[str]:
    """Yield a warning when p makes the next arm easy to guess.

    In the long run the chance of a tie is (1 - r)/2 with r = (1 - p)/p, averaged over positions.
    """
    if design.p >= BOLD:
        tie = (1 - (1 - design.p) / design.p) / 2
        guessed = tie / 2 + (1 - tie) * design.p
        yield (
            f"Efron's coin with p = {design.p} lets a user who counts the arms name "
            f"{percent(guessed)} of them correctly in the long run; Efron proposed 2/3."
        )


METHOD = StepMethod(
    name="efron_biased_coin",
    label="Efron's biased coin",
    parameters=(COIN_P,),
    limits=(two_equal_arms,),
    warnings=(fair_coin, _bold_coin),
    odds_of=odds_of,
)
