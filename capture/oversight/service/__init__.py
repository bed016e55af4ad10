"""Services of oversight: redaction by two people, and recorded downloads of the trail."""

from __future__ import annotations

from capture.oversight.service.audit_export import read_filters, take_trail_away
from capture.oversight.service.redaction import (
    FORGET_COPIES,
    RedactionResult,
    ask_redaction,
    redact,
)
from capture.oversight.service.secure_delete import wipe_freed_pages

__all__ = [
    "FORGET_COPIES",
    "RedactionResult",
    "ask_redaction",
    "read_filters",
    "redact",
    "take_trail_away",
    "wipe_freed_pages",
]
