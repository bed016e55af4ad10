"""What may be done to put something right that was recorded wrongly; each with its reason."""

from __future__ import annotations

from capture.corrections.service.misplaced import Belonging, put_where_it_belongs
from capture.corrections.service.striking import reinstate, strike_participant, strike_visit

__all__ = [
    "Belonging",
    "put_where_it_belongs",
    "reinstate",
    "strike_participant",
    "strike_visit",
]
