"""The block urn: balls drawn go back into the urn as soon as they make up the ratio."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.7; Zhao and Weng,
    Contemp Clin Trials 2011;32:953-961.
    """
    ratios = [arm.ratio for arm in design.arms]

    def balls(counts: Sequence[int]) -> Sequence[int]:
        pairs = list(zip(ratios, counts, strict=True))
        sets = design.balanced_sets + min(count // ratio for ratio, count in pairs)
        return [ratio * sets - count for ratio, count in pairs]

    return step_places(design, name, draw, balls)
