"""Pages of randomisation: the way to the draw, the answer, designs and what two people do."""

from __future__ import annotations

from capture.randomisation.views import (
    check,
    designs,
    envelopes,
    lists,
    opening,
    reconciling,
    result,
    simulation,
    way,
)
from capture.randomisation.views.blueprint import bp

__all__ = [
    "bp",
    "check",
    "designs",
    "envelopes",
    "lists",
    "opening",
    "reconciling",
    "result",
    "simulation",
    "way",
]
