"""Wei's urn: each draw adds balls of the other arms to the urn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from randomiser.design import Design
from randomiser.method import DesignParts, Method, equal_arms
from randomiser.parameters import Parameter, between
from randomiser.stepwise import OddsAfter, StepMethod

MOST_BALLS = 1000


def odds_of(design: Design) -> OddsAfter:
    """Return the number of balls of each arm in the urn; a list never ends.

    Source: docs/randomisation-protocol.md section 10.6; Wei, J Am Stat Assoc 1978;73:559-563.
    """

    def balls(counts: Sequence[int]) -> Sequence[int]:
        total = sum(counts)
        urn = [design.alpha + design.beta * (total - count) for count in counts]
        return urn if any(urn) else [1] * len(urn)

    return balls


def _empty_urn(_: Method, parts: DesignParts) -> Iterator[str]:
    if parts.given.get("alpha") == parts.given.get("beta") == 0:
        yield "alpha and beta are both 0, so the urn is always empty; give at least one above 0."


def _urn_without_effect(design: Design) -> Iterator[str]:
    if design.beta == 0:
        yield "beta is 0: the urn never changes and does not balance the arms."


METHOD = StepMethod(
    name="wei_urn",
    label="Wei's urn",
    parameters=(
        Parameter(
            name="alpha",
            label="Balls of each arm at the start",
            example=1,
            problems=between("alpha", 0, MOST_BALLS),
        ),
        Parameter(
            name="beta",
            label="Balls of every other arm added after each draw",
            example=1,
            problems=between("beta", 0, MOST_BALLS),
        ),
    ),
    limits=(equal_arms, _empty_urn),
    warnings=(_urn_without_effect,),
    odds_of=odds_of,
)
