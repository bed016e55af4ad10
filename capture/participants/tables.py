"""Tables of participants: consent, facts, visits, numbers, moves; choices of who looks at them."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata

participant = folded_table(
    "participant",
    sa.Column("site", Words, nullable=False),
    sa.Column("site_recruited", Words, nullable=False),
    sa.Column("screening_number", Words, nullable=False),
    sa.Column("participant_number", Words),
    sa.Column("status", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("screened_on", Words, nullable=False),
    sa.Column("enrolled_on", Words),
    sa.Column("source", Words),
    sa.Column("age_band", Words),
    sa.Column("reason_not_enrolled", Words),
    sa.Column("likeness", Document, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("earlier", Words),
    sa.Column("logs", Document, nullable=False),
    sa.Column("open_queries", sa.Integer, nullable=False),
    sa.Column("note", Words),
    sa.Column("cohort", Words),
    sa.UniqueConstraint("study", "screening_number"),
    sa.UniqueConstraint("study", "participant_number"),
    sa.Index("ix_participant_site", "study", "site", "screening_number"),
)

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

dated_fact = folded_table(
    "dated_fact",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("kind", Words, nullable=False),
    sa.Column("source", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("value", Words),
    sa.Column("detail", Document, nullable=False),
    sa.UniqueConstraint("participant", "kind", "source"),
)

visit = folded_table(
    "visit",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("slug", Words, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),
    sa.Column("target", Words),
    sa.Column("earliest", Words),
    sa.Column("latest", Words),
    sa.Column("anchor", Words),
    sa.Column("planned", sa.Boolean, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("actual_date", Words),
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

site_move = folded_table(
    "site_move",
    sa.Column("participant", Words, nullable=False),
    sa.Column("from_site", Words, nullable=False),
    sa.Column("to_site", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("act", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Index("ix_site_move_participant", "participant"),
    sa.Index("ix_site_move_left", "study", "from_site"),
)

list_choice = sa.Table(
    "list_choice",
    metadata,
    sa.Column("user", Words, primary_key=True),
    sa.Column("study", Words, primary_key=True),
    sa.Column("choices", Document, nullable=False),
    sa.Column("chosen_at", Words, nullable=False),
)
"""A personal setting, no fold."""
