"""Simple randomisation: every participant alone, in the ratio of the arms."""

from __future__ import annotations

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.1.
    """
    ratios = [arm.ratio for arm in design.arms]
    return step_places(design, name, draw, lambda _: ratios)
