"""Tables of participants: consent, facts, visits, numbers, moves; choices of who looks at them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata
from capture.ledger.fold import FoldedRow, FoldedTable

participant = folded_table(
    "participant",
    sa.Column("site", Words, nullable=False),
    sa.Column("site_recruited", Words, nullable=False),
    sa.Column("screening_number", Words, nullable=False),
    sa.Column("participant_number", Words),
    sa.Column("status", Words, nullable=False),
    sa.Column("participation", Words, nullable=False),
    sa.Column("screened_on", Words, nullable=False),
    sa.Column("enrolled_on", Words),
    sa.Column("source", Words),
    sa.Column("age_band", Words),
    sa.Column("reason_not_recruited", Words),
    sa.Column("duplicate_keys", Document, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("earlier_episode", Words),
    sa.Column("logs", Document, nullable=False),
    sa.Column("open_queries", sa.Integer, nullable=False),
    sa.Column("note", Words),
    sa.Column("cohort", Words),
    sa.UniqueConstraint("study", "screening_number"),
    sa.UniqueConstraint("study", "participant_number"),
    sa.Index("ix_participant_site", "study", "site", "screening_number"),
)


class ParticipantState(FoldedRow):
    """A row of `participant`."""

    site: str
    site_recruited: str
    screening_number: str
    participant_number: str | None
    status: str
    participation: str
    screened_on: str
    enrolled_on: str | None
    source: str | None
    age_band: str | None
    reason_not_recruited: str | None
    duplicate_keys: list[str]
    episode: int
    earlier_episode: str | None
    logs: dict[str, int]
    open_queries: int
    note: str | None
    cohort: str | None


PARTICIPANT = FoldedTable("participant", ParticipantState)

consent_event = folded_table(
    "consent_event",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("scope", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("version", Words),
    sa.Column("date", Words, nullable=False),
    sa.Column("taken_by", Words, nullable=False),
    sa.Column("assent", sa.Boolean),
    sa.Column("parent", sa.Boolean),
    sa.Index("ix_consent_event_participant", "participant"),
)


class ConsentEventState(FoldedRow):
    """A row of `consent_event`."""

    participant: str
    site: str
    scope: str
    kind: str
    version: str | None
    date: str
    taken_by: str
    assent: bool | None
    parent: bool | None


CONSENT_EVENT = FoldedTable("consent_event", ConsentEventState)

participant_event = folded_table(
    "participant_event",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("source", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("value", Words),
    sa.Column("detail", Document, nullable=False),
    sa.UniqueConstraint("participant", "kind", "source"),
)


class ParticipantEventState(FoldedRow):
    """A row of `participant_event`."""

    participant: str
    site: str
    kind: str
    source: str
    date: str
    value: str | None
    detail: dict[str, Any]


PARTICIPANT_EVENT = FoldedTable("participant_event", ParticipantEventState)

visit = folded_table(
    "visit",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("slug", Words, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("target_date", Words),
    sa.Column("earliest", Words),
    sa.Column("latest", Words),
    sa.Column("anchor", Words),
    sa.Column("planned", sa.Boolean, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("visit_date", Words),
    sa.Column("appointment", Words),
    sa.Column("reason", Words),
    sa.Column("instruments", Document, nullable=False),
    sa.Column("forms", Document, nullable=False),
    sa.Column("open_queries", sa.Integer, nullable=False),
    sa.Column("flag", Words),
    sa.UniqueConstraint("participant", "slug", "occurrence"),
    sa.Index("ix_visit_due", "study", "site", "status", "latest"),
    sa.Index(
        "ix_visit_appointment",
        "study",
        "appointment",
        # Few visits have one.
        sqlite_where=sa.text("appointment IS NOT NULL"),
        postgresql_where=sa.text("appointment IS NOT NULL"),
    ),
)


class VisitState(FoldedRow):
    """A row of `visit`."""

    participant: str
    site: str
    slug: str
    occurrence: int
    target_date: str | None
    earliest: str | None
    latest: str | None
    anchor: str | None
    planned: bool
    status: str
    visit_date: str | None
    appointment: str | None
    reason: str | None
    instruments: list[str]
    forms: dict[str, str]
    open_queries: int
    flag: str | None


VISIT = FoldedTable("visit", VisitState)

former_number = folded_table(
    "former_number",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("number", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.UniqueConstraint("study", "number"),
    sa.Index("ix_former_number_participant", "participant"),
)


class FormerNumberState(FoldedRow):
    """A row of `former_number`."""

    participant: str
    site: str
    kind: str
    number: str
    at: str


FORMER_NUMBER = FoldedTable("former_number", FormerNumberState)

site_transfer = folded_table(
    "site_transfer",
    sa.Column("participant", Words, nullable=False),
    sa.Column("from_site", Words, nullable=False),
    sa.Column("to_site", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("ledger_id", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Index("ix_site_transfer_participant", "participant"),
    sa.Index("ix_site_transfer_left", "study", "from_site"),
)


class SiteTransferState(FoldedRow):
    """A row of `site_transfer`."""

    participant: str
    from_site: str
    to_site: str
    date: str
    at: str
    ledger_id: str
    number: int


SITE_TRANSFER = FoldedTable("site_transfer", SiteTransferState)

list_preference = sa.Table(
    "list_preference",
    metadata,
    sa.Column("user", Words, primary_key=True),
    sa.Column("study", Words, primary_key=True),
    sa.Column("choices", Document, nullable=False),
    sa.Column("chosen_at", Words, nullable=False),
)
"""A personal setting, no fold."""
