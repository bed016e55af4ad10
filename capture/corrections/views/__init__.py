"""Pages of putting things right: what can be, each act, and who moved to another site."""

from __future__ import annotations

from capture.corrections.views import hub, misplaced, moved, people, striking
from capture.corrections.views.blueprint import bp

__all__ = ["bp", "hub", "misplaced", "moved", "people", "striking"]
