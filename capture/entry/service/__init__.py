"""Services for entries and their drafts; each locks the participant first."""

from __future__ import annotations

from capture.entry.service.after_save import AFTER_SAVE
from capture.entry.service.conditions import make_condition_check
from capture.entry.service.drafts import (
    discard_draft,
    drop_draft,
    drop_drafts,
    keep_draft,
    take_over_draft,
)
from capture.entry.service.entry_location import (
    EntryLocation,
    get_location,
    get_location_at,
    get_location_casebook,
    get_scope,
    list_every_visit,
    refuse_if_over,
)
from capture.entry.service.evaluate import evaluate_entry
from capture.entry.service.not_done import not_do_entry
from capture.entry.service.redaction import forget_files, forget_typing
from capture.entry.service.save_types import Confirms, SaveResult, Submission
from capture.entry.service.saving import follow_place, refuse_stale, save_entry
from capture.entry.service.striking import (
    close_queries,
    reinstate_entry,
    require_reason,
    strike_entry,
)

__all__ = [
    "AFTER_SAVE",
    "Confirms",
    "EntryLocation",
    "SaveResult",
    "Submission",
    "close_queries",
    "discard_draft",
    "drop_draft",
    "drop_drafts",
    "evaluate_entry",
    "follow_place",
    "forget_files",
    "forget_typing",
    "get_location",
    "get_location_at",
    "get_location_casebook",
    "get_scope",
    "keep_draft",
    "list_every_visit",
    "make_condition_check",
    "not_do_entry",
    "refuse_if_over",
    "refuse_stale",
    "reinstate_entry",
    "require_reason",
    "save_entry",
    "strike_entry",
    "take_over_draft",
]
