"""Tables of designs, confirmations and allocations, with constraints as the last safeguard."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata
from capture.ledger.fold import FoldedRow, FoldedTable

design_version = folded_table(
    "design_version",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("concealed_design", sa.Text, nullable=False),
    sa.Column("concealed_r", sa.Text, nullable=False),
    sa.Column("r_hash", Words, nullable=False),
    sa.Column("entered_by", Words, nullable=False),
    sa.Column("entered_at", Words, nullable=False),
    sa.Column("v", Words),
    sa.Column("concealed_key", sa.Text),
    sa.Column("commitment", Words),
    sa.Column("activated_by", Words),
    sa.Column("activated_at", Words),
    sa.Column("disclosure_requested_by", Words),
    sa.Column("disclosure_reason", Words),
    sa.Column("disclosed_at", Words),
    sa.UniqueConstraint("study", "randomisation", "number"),
)


class DesignVersionState(FoldedRow):
    """A row of `design_version`."""

    randomisation: str
    number: int
    state: str
    concealed_design: str
    concealed_r: str
    r_hash: str
    entered_by: str
    entered_at: str
    v: str | None
    concealed_key: str | None
    commitment: str | None
    activated_by: str | None
    activated_at: str | None
    disclosure_requested_by: str | None
    disclosure_reason: str | None
    disclosed_at: str | None


DESIGN_VERSION = FoldedTable("design_version", DesignVersionState)

lost_list_position = folded_table(
    "lost_list_position",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("list_name", Words),
    sa.Column("list_position", sa.Integer),
)


class LostListPositionState(FoldedRow):
    """A row of `lost_list_position`."""

    randomisation: str
    design_version: int
    number: int | None
    list_name: str | None
    list_position: int | None


LOST_LIST_POSITION = FoldedTable("lost_list_position", LostListPositionState)

halt = folded_table(
    "halt",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("proposed_by", Words),
    sa.Column("proposal", Document),
    sa.Column("ended_at", Words),
    sa.Column("ended_by", Words),
)


class HaltState(FoldedRow):
    """A row of `halt`."""

    randomisation: str
    reason: str
    at: str
    proposed_by: str | None
    proposal: dict[str, Any] | None
    ended_at: str | None
    ended_by: str | None


HALT = FoldedTable("halt", HaltState)

confirmation = folded_table(
    "confirmation",
    sa.Column("participant", Words, nullable=False),
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("style", Words, nullable=False),
    sa.Column("investigator", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("source_document", Words),
    sa.Column("content_hash", Words, nullable=False),
    sa.Column("meaning", Words),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("void_reason", Words),
)


class ConfirmationState(FoldedRow):
    """A row of `confirmation`."""

    participant: str
    randomisation: str
    style: str
    investigator: str
    date: str
    source_document: str | None
    content_hash: str
    meaning: str | None
    by: str
    at: str
    void_reason: str | None


CONFIRMATION = FoldedTable("confirmation", ConfirmationState)

allocation = folded_table(
    "allocation",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("arm", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("list_name", Words, nullable=False),
    sa.Column("list_position", sa.Integer, nullable=False),
    sa.Column("levels", Document, nullable=False),
    sa.Column("levels_corrected", Document),
    sa.Column("gate", Document, nullable=False),
    sa.Column("confirmation", Words),
    sa.Column("at", Words, nullable=False),
    sa.Column("local_date", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("request_id", Words, nullable=False),
    sa.Column("notified", Document, nullable=False),
    sa.Column("annotation", Document),
    sa.UniqueConstraint("study", "randomisation", "number"),
    sa.UniqueConstraint("study", "list_name", "list_position", name="uq_allocation_list_position"),
    sa.UniqueConstraint("participant", "randomisation"),
    sa.UniqueConstraint("request_id"),
)


class Notification(TypedDict):
    """Who was notified of an allocation, by whom and when."""

    who: str
    by: str
    at: str


class AllocationNote(TypedDict):
    """A note about a randomisation in error; the last note holds the earlier ones.

    after: the allocation number after which it was made; the first releases did not record it.
    """

    mistake: str
    reason: str
    by: str
    at: str
    after: NotRequired[int]
    levels: NotRequired[dict[str, str] | None]
    earlier: NotRequired[list[AllocationNote]]


class AllocationState(FoldedRow):
    """A row of `allocation`."""

    participant: str
    site: str
    randomisation: str
    number: int
    arm: str
    design_version: int
    list_name: str
    list_position: int
    levels: dict[str, str]
    levels_corrected: dict[str, str] | None
    gate: list[dict[str, Any]]
    confirmation: str | None
    at: str
    local_date: str
    by: str
    request_id: str
    notified: list[Notification]
    annotation: AllocationNote | None


ALLOCATION = FoldedTable("allocation", AllocationState)

envelope = folded_table(
    "envelope",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("batch", Words, nullable=False),
    sa.Column("printed_by", Words, nullable=False),
    sa.Column("printed_at", Words, nullable=False),
    sa.Column("destroyed_by", Words),
    sa.Column("destroyed_at", Words),
    sa.Column("destroyed_reason", Words),
    sa.UniqueConstraint("study", "randomisation", "design_version", "site", "number"),
)


class EnvelopeState(FoldedRow):
    """A row of `envelope`."""

    randomisation: str
    design_version: int
    site: str
    number: int
    batch: str
    printed_by: str
    printed_at: str
    destroyed_by: str | None
    destroyed_at: str | None
    destroyed_reason: str | None


ENVELOPE = FoldedTable("envelope", EnvelopeState)

list_head = sa.Table(
    "list_head",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("randomisation", Words, primary_key=True),
    sa.Column("list_name", Words, primary_key=True),
    sa.Column("next_position", sa.Integer, nullable=False),
)

number_head = sa.Table(
    "number_head",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("randomisation", Words, primary_key=True),
    sa.Column("next_number", sa.Integer, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("kind", Words, nullable=False),
    sa.Column("study", Words, nullable=False),
    sa.Column("content", Document, nullable=False),
    sa.Column("created_at", Words, nullable=False),
    sa.Column("delivered_at", Words),
)
