"""Entries, drafts and their history as they stand; the caller has looked the participant up."""

from __future__ import annotations

from capture.entry.reads.dossiers import Consent, DatedFact, Dossier, consent_spans, dossier
from capture.entry.reads.drafts import Draft, draft_at, old_drafts
from capture.entry.reads.entries import (
    COMPLETE,
    IN_PROGRESS,
    NOT_DONE,
    REDACTED,
    Entry,
    entries_of,
    entry_at,
    entry_from,
    statuses_at,
)

__all__ = [
    "COMPLETE",
    "IN_PROGRESS",
    "NOT_DONE",
    "REDACTED",
    "Consent",
    "DatedFact",
    "Dossier",
    "Draft",
    "Entry",
    "consent_spans",
    "dossier",
    "draft_at",
    "entries_of",
    "entry_at",
    "entry_from",
    "old_drafts",
    "statuses_at",
]
