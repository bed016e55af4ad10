"""The block urn: drawn balls return to the urn as soon as they make up a set in the ratio."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.design import Design
from randomiser.parameters import Parameter, between
from randomiser.stepwise import OddsAfter, StepMethod

MOST_SETS = 50


def odds_of(design: Design) -> OddsAfter:
    """Return the balls of each arm in the urn; a list never ends.

    Source: docs/randomisation-protocol.md section 10.7; Zhao and Weng,
    Contemp Clin Trials 2011;32:953-961.
    """
    ratios = [arm.ratio for arm in design.arms]

    def balls(counts: Sequence[int]) -> Sequence[int]:
        pairs = list(zip(ratios, counts, strict=True))
        sets = design.balanced_sets + min(count // ratio for ratio, count in pairs)
        return [ratio * sets - count for ratio, count in pairs]

    return balls


METHOD = StepMethod(
    name="block_urn",
    label="Block urn",
    parameters=(
        Parameter(
            name="balanced_sets",
            label="How often the ratio is in the urn",
            example=3,
            problems=between("balanced_sets", 1, MOST_SETS),
        ),
    ),
    odds_of=odds_of,
)
