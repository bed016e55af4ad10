"""A synthetic trial through the real services; the same seed gives the same trial."""

from __future__ import annotations

from capture.rehearsal.run import Plan, Summary, rehearse

__all__ = ["Plan", "Summary", "rehearse"]
