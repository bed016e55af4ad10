"""How late a form was begun, by when a site is to reach its target; forms counted by visit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
STRUCK = sa.table(
    "struck", sa.column("id", WORDS), sa.column("study", WORDS), sa.column("kept", DOCUMENT)
)
COUNTED_ANEW = {
    "entry.%": "SELECT study, site, 'entry.' || instrument || '.' || visit_slug || '.' || status, "
    "count(*) FROM entry GROUP BY study, site, instrument, visit_slug, status",
    "cohort.%": "SELECT study, site_recruited, "
    "'cohort.' || cohort || '.' || substr(enrolled_on, 1, 7), count(*) FROM participant "
    "WHERE status = 'enrolled' AND cohort IS NOT NULL "
    "GROUP BY study, site_recruited, cohort, substr(enrolled_on, 1, 7)",
}


def upgrade() -> None:
    op.add_column("site", sa.Column("target_by", WORDS))
    # How late a form was begun is not known of those begun before.
    op.add_column("entry", sa.Column("days_late", sa.Integer()))
    _complete_struck_entries()
    for names, recount in COUNTED_ANEW.items():
        op.execute(f"DELETE FROM counter WHERE name LIKE '{names}'")  # noqa: S608  (our own words)
        op.execute(f"INSERT INTO counter (study, site, name, n) {recount}")


def _complete_struck_entries() -> None:
    """Entries that are kept whole as struck out have the new column too."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(STRUCK)).all():
        if "entry" in row.kept:
            entries = [{**one, "days_late": None} for one in row.kept["entry"]]
            connection.execute(
                STRUCK.update()
                .where(STRUCK.c.id == row.id, STRUCK.c.study == row.study)
                .values(kept={**row.kept, "entry": entries})
            )
