"""Services that correct what was recorded wrongly, each with a reason."""

from __future__ import annotations

from capture.corrections.service.striking import reinstate, strike_participant, strike_visit
from capture.corrections.service.wrong_participant import EntryOwner, move_answers

__all__ = [
    "EntryOwner",
    "move_answers",
    "reinstate",
    "strike_participant",
    "strike_visit",
]
