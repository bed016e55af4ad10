"""Entries, drafts and their history as they stand; the caller has looked the participant up."""

from __future__ import annotations

from capture.entry.reads.dossiers import (
    Consent,
    DatedFact,
    Dossier,
    consent_spans,
    dossier,
    near_dossier,
)
from capture.entry.reads.drafts import Draft, draft_at, old_drafts
from capture.entry.reads.entries import (
    COMPLETE,
    IN_PROGRESS,
    NOT_DONE,
    REDACTED,
    Entry,
    entries_of,
    entry_at,
    entry_by_id,
    entry_from,
    statuses_at,
)
from capture.entry.reads.gates import Judgement, sentence
from capture.entry.reads.history import PastChange, PastSave, cells_at, entry_history
from capture.entry.reads.underlying import underlying

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
    "Judgement",
    "PastChange",
    "PastSave",
    "cells_at",
    "consent_spans",
    "dossier",
    "draft_at",
    "entries_of",
    "entry_at",
    "entry_by_id",
    "entry_from",
    "entry_history",
    "near_dossier",
    "old_drafts",
    "sentence",
    "statuses_at",
    "underlying",
]
