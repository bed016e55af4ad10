"""Pages of randomisation: before and after an allocation, designs, and acts of two people."""

from __future__ import annotations

from capture.randomisation.allocation.views import check_answers, prerandomisation, result
from capture.randomisation.designs.views import design_screen, designs, list_upload
from capture.randomisation.recovery.views import envelope_opening, envelopes, reconcile
from capture.randomisation.views.blueprint import bp

__all__ = [
    "bp",
    "check_answers",
    "design_screen",
    "designs",
    "envelope_opening",
    "envelopes",
    "list_upload",
    "prerandomisation",
    "reconcile",
    "result",
]
