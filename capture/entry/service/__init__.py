"""What may be done with entries and their drafts; each act locks the participant first."""

from __future__ import annotations

from capture.entry.service.after_save import AFTER_SAVE
from capture.entry.service.conditions import conditions
from capture.entry.service.drafts import (
    discard_draft,
    drop_draft,
    drop_drafts,
    keep_draft,
    take_over_draft,
)
from capture.entry.service.entry_location import (
    EntryLocation,
    near_spot,
    refuse_if_over,
    spot_at,
    spot_of,
)
from capture.entry.service.not_done import not_do_entry
from capture.entry.service.redaction import forget_files, forget_typing
from capture.entry.service.save_types import Confirms, SaveResult, Submission
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
    "EntryLocation",
    "SaveResult",
    "Submission",
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
