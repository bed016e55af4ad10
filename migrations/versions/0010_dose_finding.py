"""People registered at dose levels, and what committees decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "dose_slot",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("part", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", WORDS, nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("gate", DOCUMENT, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("local_date", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("outcome", WORDS),
        sa.Column("outcome_date", WORDS),
        sa.Column("met", sa.Boolean()),
        sa.Column("note", WORDS),
        sa.Column("judged_by", WORDS),
        sa.Column("judged_at", WORDS),
        sa.PrimaryKeyConstraint("id", "study", name="pk_dose_slot"),
        sa.UniqueConstraint("study", "part", "number", name="uq_dose_slot_study_part_number"),
        sa.UniqueConstraint("participant", "part", name="uq_dose_slot_participant_part"),
    )
    op.create_index("ix_dose_slot_subject", "dose_slot", ["study", "subject"])
    op.create_table(
        "dose_decision",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("part", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choice", WORDS, nullable=False),
        sa.Column("level", WORDS),
        sa.Column("until", sa.Integer()),
        sa.Column("advised", DOCUMENT, nullable=False),
        sa.Column("state", DOCUMENT, nullable=False),
        sa.Column("committee", WORDS, nullable=False),
        sa.Column("why", WORDS, nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("reopened_at", WORDS),
        sa.Column("reopened_why", WORDS),
        sa.PrimaryKeyConstraint("id", "study", name="pk_dose_decision"),
        sa.UniqueConstraint("study", "part", "number", name="uq_dose_decision_study_part_number"),
    )
    op.create_index("ix_dose_decision_subject", "dose_decision", ["study", "subject"])
