"""What each person last chose to see of a study's list of participants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "list_choice",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("choices", DOCUMENT, nullable=False),
        sa.Column("chosen_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("user", "study", name="pk_list_choice"),
    )
