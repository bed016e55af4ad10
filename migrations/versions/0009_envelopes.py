"""Envelopes printed for sites without network: each number, and those recorded as destroyed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "envelope",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("design_version", sa.Integer(), nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", WORDS, nullable=False),
        sa.Column("printed_by", WORDS, nullable=False),
        sa.Column("printed_at", WORDS, nullable=False),
        sa.Column("destroyed_by", WORDS),
        sa.Column("destroyed_at", WORDS),
        sa.Column("destroyed_words", WORDS),
        sa.PrimaryKeyConstraint("id", "study", name="pk_envelope"),
        sa.UniqueConstraint(
            "study",
            "randomisation",
            "design_version",
            "site",
            "number",
            name="uq_envelope_study_randomisation_design_version_site_number",
        ),
    )
    op.create_index("ix_envelope_subject", "envelope", ["study", "subject"])
