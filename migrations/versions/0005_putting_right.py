"""What was put right: struck rows, former numbers, moves between sites, flags of visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
WHERE_BEFORE = {
    "participant": ("site_recruited", "site"),
    "consent_event": (
        "site",
        "(SELECT p.site FROM participant p "
        "WHERE p.study = consent_event.study AND p.id = consent_event.participant)",
    ),
}
"""Until now nobody could move: everything happened at the site where the person is."""


def upgrade() -> None:
    for table, (column, value) in WHERE_BEFORE.items():
        op.add_column(table, sa.Column(column, WORDS))
        op.execute(f"UPDATE {table} SET {column} = {value}")  # noqa: S608  (our own words)
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=WORDS, nullable=False)
    op.add_column("visit", sa.Column("flag", WORDS))
    for table, columns in _tables().items():
        op.create_table(
            table,
            sa.Column("id", WORDS, nullable=False),
            sa.Column("study", WORDS, nullable=False),
            sa.Column("subject", WORDS, nullable=False),
            sa.Column("participant", WORDS, nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("id", "study", name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_subject", table, ["study", "subject"])
        op.create_index(f"ix_{table}_participant", table, ["participant"])
    op.create_index("ix_site_move_left", "site_move", ["study", "from_site"])
    with op.batch_alter_table("draft") as batch:
        batch.drop_constraint("uq_draft_key", type_="unique")
        batch.create_unique_constraint(
            "uq_draft_key",
            ["participant", "site", "visit_slug", "occurrence", "instrument", "instance", "owner"],
        )


def _tables() -> dict[str, list[sa.schema.SchemaItem]]:
    def words(*names: str) -> list[sa.schema.SchemaItem]:
        return [sa.Column(name, WORDS, nullable=False) for name in names]

    return {
        "struck": [*words("site", "kind", "about", "at", "who", "reason"),
                   sa.Column("kept", DOCUMENT, nullable=False)],
        "former_number": [
            *words("site", "kind", "number", "at"),
            sa.UniqueConstraint("study", "number", name="uq_former_number_study_number"),
        ],
        "site_move": [
            *words("from_site", "to_site", "date", "at", "act"),
            sa.Column("number", sa.Integer(), nullable=False),
        ],
    }  # fmt: skip
