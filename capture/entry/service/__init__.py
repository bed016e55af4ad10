"""What may be done with entries and their drafts; each act locks the participant first."""

from __future__ import annotations

from capture.entry.service.afterwards import AFTER_SAVE
from capture.entry.service.conditions import conditions
from capture.entry.service.drafting import discard_draft, drop_draft, keep_draft, take_over_draft
from capture.entry.service.forgetting import forget_drafts
from capture.entry.service.not_doing import not_do_entry
from capture.entry.service.outcomes import Confirms, Posted, Saved
from capture.entry.service.places import Spot, near_spot, spot_at, spot_of
from capture.entry.service.saving import save_entry

__all__ = [
    "AFTER_SAVE",
    "Confirms",
    "Posted",
    "Saved",
    "Spot",
    "conditions",
    "discard_draft",
    "drop_draft",
    "forget_drafts",
    "keep_draft",
    "near_spot",
    "not_do_entry",
    "save_entry",
    "spot_at",
    "spot_of",
    "take_over_draft",
]
