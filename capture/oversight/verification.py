"""Verifies that every missing value was redacted by two people, and every redacted one is gone."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import sqlalchemy as sa

from capture.ledger.canonical import REDACTED
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger, ledger_body
from capture.ledger.verify import STUDY_CHECKS
from capture.oversight.tables import redaction


def list_redaction_findings(
    connection: sa.Connection, _concealment: Concealment, study: str
) -> Iterator[str]:
    """Name each value that is gone without a recorded redaction, or present in spite of one."""
    on_record = {
        (ledger_id, name)
        for places in connection.execute(
            sa.select(redaction.c.places).where(redaction.c.study == study)
        ).scalars()
        for ledger_id, names in places
        for name in names
    }
    statement = (
        sa.select(ledger.c.id, ledger_body.c.body)
        .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .where(ledger.c.study == study, ledger_body.c.body.contains(f'"{REDACTED}"'))
        .order_by(ledger.c.id)
    )
    for row in connection.execute(statement):
        for name, content in orjson.loads(row.body).items():
            if isinstance(content, dict) and (row.id, name) not in on_record:
                yield f"ledger row {row.id}: {name} is gone, and no redaction on record says so"
    for ledger_id, name in sorted(on_record):
        mine = sa.select(ledger_body.c.body).where(ledger_body.c.ledger_id == ledger_id)
        body = connection.execute(mine).scalar()
        if body is not None and isinstance(orjson.loads(body).get(name), list):
            yield f"ledger row {ledger_id}: {name} was redacted on record, and is there again"


STUDY_CHECKS.append(list_redaction_findings)
