"""Pages of dose finding: how a part stands, its committee, a participant's place and outcome."""

from __future__ import annotations

from capture.safety.views import committee, outcome, part, place
from capture.safety.views.blueprint import bp

__all__ = ["bp", "committee", "outcome", "part", "place"]
