"""One document per entry, and what was struck out; drafts beside them, which are not data."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata
from capture.ledger.fold import FoldedRow, FoldedTable, StateRow

entry = folded_table(
    "entry",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("visit", Words),
    sa.Column("visit_slug", Words, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("instrument", Words, nullable=False),
    sa.Column("instance", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("doc", Document, nullable=False),
    sa.Column("assessment_date", Words),
    sa.Column("study_version", sa.Integer, nullable=False),
    sa.Column("completed_at", Words),
    sa.Column("saved_at", Words, nullable=False),
    sa.Column("saved_by", Words, nullable=False),
    sa.Column("reason", Words),
    sa.Column("flags", Document, nullable=False),
    # Days from the end of the visit's window to the first save; nothing where none was planned.
    sa.Column("days_late", sa.Integer),
    sa.UniqueConstraint(
        "participant", "visit_slug", "occurrence", "instrument", "instance", name="uq_entry_key"
    ),
    sa.Index("ix_entry_instrument", "study", "instrument"),
)


class EntryState(FoldedRow):
    """A row of `entry`."""

    participant: str
    site: str
    visit: str | None
    visit_slug: str
    occurrence: int
    instrument: str
    instance: int
    version: int
    status: str
    doc: dict[str, Any]
    assessment_date: str | None
    study_version: int
    completed_at: str | None
    saved_at: str
    saved_by: str
    reason: str | None
    flags: list[str]
    days_late: int | None


ENTRY = FoldedTable("entry", EntryState)

entered_in_error = folded_table(
    "entered_in_error",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("about", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("marked_by", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("content", Document, nullable=False),
    sa.Index("ix_entered_in_error_participant", "participant"),
)


class EnteredInErrorState(FoldedRow):
    """A row of `struck`."""

    participant: str
    site: str
    kind: str
    about: str
    at: str
    marked_by: str
    reason: str
    content: dict[str, list[StateRow]]


ENTERED_IN_ERROR = FoldedTable("entered_in_error", EnteredInErrorState)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("study", Words, nullable=False),
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("visit_slug", Words, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("instrument", Words, nullable=False),
    sa.Column("instance", sa.Integer, nullable=False),
    sa.Column("owner", Words, nullable=False),
    sa.Column("entry_version", sa.Integer, nullable=False),
    sa.Column("content", Document, nullable=False),
    sa.Column("saved_at", Words, nullable=False),
    sa.UniqueConstraint(
        "participant",
        "site",
        "visit_slug",
        "occurrence",
        "instrument",
        "instance",
        "owner",
        name="uq_draft_key",
    ),
)

attached_file = sa.Table(
    "attached_file",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("study", Words, nullable=False),
    sa.Column("participant", Words, nullable=False),
    sa.Column("entry", Words, nullable=False),
    sa.Column("item", Words, nullable=False),
    # Empty once the file is redacted; the row stays and says that there was one.
    sa.Column("sha256", Words),
    sa.Column("size", sa.Integer),
    sa.Column("bytes", sa.LargeBinary),
    sa.UniqueConstraint("study", "entry", "item", "sha256"),
    sa.Index("ix_attached_file_study_participant", "study", "participant"),
)
