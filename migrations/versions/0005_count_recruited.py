"""Count who was enrolled by month, as the counters of new enrolments do from now on."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "INSERT INTO counter (study, site, name, n) "
        "SELECT study, site, 'recruited.' || substr(enrolled_on, 1, 7), count(*) "
        "FROM participant WHERE enrolled_on IS NOT NULL "
        "GROUP BY study, site, substr(enrolled_on, 1, 7)"
    )
