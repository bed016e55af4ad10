"""A synthetic trial through the real services: the same people, days and values for the same seed."""

from __future__ import annotations

from capture.rehearsal.run import Plan, Summary, rehearse

__all__ = ["Plan", "Summary", "rehearse"]
