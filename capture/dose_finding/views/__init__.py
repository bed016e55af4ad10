"""Pages of dose finding: status of a part, its committee, a participant's place and outcome."""

from __future__ import annotations

from capture.dose_finding.views import committee, outcome, part, place
from capture.dose_finding.views.blueprint import bp

__all__ = ["bp", "committee", "outcome", "part", "place"]
