"""Pages of participants: the list, the person, every act about the person, single visits."""

from __future__ import annotations

from capture.participants.views import acts, endings, lists, person, screening, visits
from capture.participants.views.blueprint import bp

__all__ = ["acts", "bp", "endings", "lists", "person", "screening", "visits"]
