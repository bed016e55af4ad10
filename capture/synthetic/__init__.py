"""A synthetic trial through the real services; the same seed gives the same trial."""

from __future__ import annotations

from capture.synthetic.run import RehearsalPlan, Summary, rehearse

__all__ = ["RehearsalPlan", "Summary", "rehearse"]
