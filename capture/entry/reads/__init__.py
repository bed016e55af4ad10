"""Entries, drafts and their history as they stand; the caller has looked the participant up."""

from __future__ import annotations

from capture.entry.reads.answers import NOT_DONE, list_answers, list_values
from capture.entry.reads.casebook import (
    Casebook,
    CasebookEvent,
    Consent,
    get_casebook,
    get_casebook_of,
    list_casebooks,
    list_consent_spans,
)
from capture.entry.reads.drafts import (
    Draft,
    find_draft_of,
    list_drafts_at,
    list_drafts_of,
    list_unsaved_drafts,
)
from capture.entry.reads.entries import (
    COMPLETE,
    IN_PROGRESS,
    Entry,
    find_entry,
    find_entry_at,
    list_entries,
    list_entries_by_id,
    list_statuses_at,
    make_entry,
)
from capture.entry.reads.files import KeptFile, find_attached_file, find_bytes, list_file_ids
from capture.entry.reads.gates import GateResult, make_sentence
from capture.entry.reads.history import PastChange, PastSave, get_cells_at, list_entry_history
from capture.entry.reads.source_items import find_source_items
from capture.entry.reads.striking import NOT_IN_ERROR, StruckRow, get_struck, list_struck
from forms.values import REDACTED

__all__ = [
    "COMPLETE",
    "IN_PROGRESS",
    "NOT_DONE",
    "NOT_IN_ERROR",
    "REDACTED",
    "Casebook",
    "CasebookEvent",
    "Consent",
    "Draft",
    "Entry",
    "GateResult",
    "KeptFile",
    "PastChange",
    "PastSave",
    "StruckRow",
    "find_attached_file",
    "find_bytes",
    "find_draft_of",
    "find_entry",
    "find_entry_at",
    "find_source_items",
    "get_casebook",
    "get_casebook_of",
    "get_cells_at",
    "get_struck",
    "list_answers",
    "list_casebooks",
    "list_consent_spans",
    "list_drafts_at",
    "list_drafts_of",
    "list_entries",
    "list_entries_by_id",
    "list_entry_history",
    "list_file_ids",
    "list_statuses_at",
    "list_struck",
    "list_unsaved_drafts",
    "list_values",
    "make_entry",
    "make_sentence",
]
