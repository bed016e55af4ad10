"""Pages of corrections: the overview, each action, and who moved to another site."""

from __future__ import annotations

from capture.corrections.views import index, people, striking, transferred, wrong_participant
from capture.corrections.views.blueprint import bp

__all__ = ["bp", "index", "people", "striking", "transferred", "wrong_participant"]
