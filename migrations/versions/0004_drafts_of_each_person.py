"""A draft for each person who types into an entry; sessions that can be locked; settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
PLACE = ("participant", "visit_slug", "occurrence", "instrument", "instance")


def upgrade() -> None:
    _a_draft_each()
    op.add_column("session", sa.Column("locked_at", WORDS, nullable=True))
    op.create_table(
        "preference",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("fast_entry", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_preference"),
    )


def _a_draft_each() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_draft_key", "draft", type_="unique")
        op.create_unique_constraint("uq_draft_key", "draft", [*PLACE, "owner"])
        return
    # SQLite changes no constraint in place: the table is copied into a new one.
    with op.batch_alter_table("draft", copy_from=_draft_so_far(), recreate="always") as table:
        table.drop_constraint("uq_draft_key", type_="unique")
        table.create_unique_constraint("uq_draft_key", [*PLACE, "owner"])


def _draft_so_far() -> sa.Table:
    return sa.Table(
        "draft",
        sa.MetaData(),
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("visit_slug", WORDS, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("instrument", WORDS, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("entry_version", sa.Integer(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("saved_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint(*PLACE, name="uq_draft_key"),
    )
