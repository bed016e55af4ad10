"""Simple randomisation: each participant independently, in the ratio of the arms."""

from __future__ import annotations

from randomiser.design import Design
from randomiser.stepwise import OddsAfter, StepMethod


def odds_of(design: Design) -> OddsAfter:
    """Return the ratio as the odds of every draw; a list never ends.

    Source: docs/randomisation-protocol.md section 10.1.
    """
    ratios = [arm.ratio for arm in design.arms]
    return lambda _: ratios


METHOD = StepMethod(name="simple", label="Simple randomisation", odds_of=odds_of)
