"""Wei's urn: each arm drawn puts balls of the other arms into the urn."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.6; Wei, J Am Stat Assoc 1978;73:559-563.
    """

    def balls(counts: Sequence[int]) -> Sequence[int]:
        total = sum(counts)
        urn = [design.alpha + design.beta * (total - count) for count in counts]
        return urn if any(urn) else [1] * len(urn)

    return step_places(design, name, draw, balls)
