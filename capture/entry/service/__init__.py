"""What may be done with entries and their drafts; each act locks the participant first."""

from __future__ import annotations

from capture.entry.service.afterwards import AFTER_SAVE
from capture.entry.service.conditions import conditions
from capture.entry.service.drafting import (
    discard_draft,
    drop_draft,
    drop_drafts,
    keep_draft,
    take_over_draft,
)
from capture.entry.service.forgetting import forget_files, forget_typing
from capture.entry.service.not_doing import not_do_entry
from capture.entry.service.outcomes import Confirms, Posted, Saved
from capture.entry.service.places import Spot, near_spot, refuse_if_over, spot_at, spot_of
from capture.entry.service.saving import follow_place, refuse_stale, save_entry
from capture.entry.service.striking import (
    close_queries,
    reinstate_entry,
    required_reason,
    strike_entry,
)

__all__ = [
    "AFTER_SAVE",
    "Confirms",
    "Posted",
    "Saved",
    "Spot",
    "close_queries",
    "conditions",
    "discard_draft",
    "drop_draft",
    "drop_drafts",
    "follow_place",
    "forget_files",
    "forget_typing",
    "keep_draft",
    "near_spot",
    "not_do_entry",
    "refuse_if_over",
    "refuse_stale",
    "reinstate_entry",
    "required_reason",
    "save_entry",
    "spot_at",
    "spot_of",
    "strike_entry",
    "take_over_draft",
]
