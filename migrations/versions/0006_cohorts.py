"""The cohort beside the participant, and who was enrolled counted by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("participant", sa.Column("cohort", WORDS))
    op.execute(
        "INSERT INTO counter (study, site, name, n) "
        "SELECT study, site_recruited, 'recruited.' || substr(enrolled_on, 1, 7), count(*) "
        "FROM participant WHERE status = 'enrolled' "
        "GROUP BY study, site_recruited, substr(enrolled_on, 1, 7)"
    )
