"""Pages of a participant's cohort: record it, correct it."""

from __future__ import annotations

from capture.cohorts.views import cohort
from capture.cohorts.views.blueprint import bp

__all__ = ["bp", "cohort"]
