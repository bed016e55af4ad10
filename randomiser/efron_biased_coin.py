"""Efron's biased coin: the arm that is behind comes with probability p, at a tie 1/2."""

from __future__ import annotations

from randomiser.allocation import Places
from randomiser.design import Design
from randomiser.draw import Draw
from randomiser.steps import favouring, step_places


def list_places(design: Design, name: str, draw: Draw) -> Places:
    """Yield the allocations of a list from position 1 on; a list never ends.

    Source: docs/randomisation-protocol.md section 10.3; Efron, Biometrika 1971;58:403-417.
    """
    much, little = design.p.numerator, design.p.denominator - design.p.numerator
    return step_places(design, name, draw, lambda counts: favouring(counts, much, little))
