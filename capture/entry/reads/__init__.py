"""Entries, drafts and their history as they stand; the caller has looked the participant up."""

from __future__ import annotations

from capture.entry.reads.dossiers import (
    Consent,
    DatedFact,
    Dossier,
    consent_spans,
    dossier,
    dossiers,
    near_dossier,
)
from capture.entry.reads.drafts import Draft, draft_of, drafts_at, drafts_of, unsaved_drafts
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
from capture.entry.reads.files import KeptFile, bytes_of, files_of, kept_file
from capture.entry.reads.gates import Judgement, sentence
from capture.entry.reads.history import PastChange, PastSave, cells_at, entry_history
from capture.entry.reads.striking import Struck, struck, struck_of
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
    "KeptFile",
    "PastChange",
    "PastSave",
    "Struck",
    "bytes_of",
    "cells_at",
    "consent_spans",
    "dossier",
    "dossiers",
    "draft_of",
    "drafts_at",
    "drafts_of",
    "entries_of",
    "entry_at",
    "entry_by_id",
    "entry_from",
    "entry_history",
    "files_of",
    "kept_file",
    "near_dossier",
    "sentence",
    "statuses_at",
    "struck",
    "struck_of",
    "underlying",
    "unsaved_drafts",
]
