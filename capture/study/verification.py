"""Check that the published bytes still have the hashes in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.ledger.verify import STUDY_CHECKS
from capture.study import reads, tables


def check_bundles(
    connection: sa.Connection, _concealment: Concealment, study: str
) -> Iterator[str]:
    """Name each version whose bytes are missing or are not those that were published."""
    table = tables.study_bundle
    for version in reversed(reads.list_versions(connection, study)):
        statement = sa.select(table.c.bytes).where(table.c.sha256 == version.sha256)
        content = connection.execute(statement).scalar()
        place = f"study version {study} {version.number}"
        if content is None:
            yield f"{place}: its definition is missing"
        elif hashlib.sha256(content).hexdigest() != version.sha256:
            yield f"{place}: its definition was changed"


STUDY_CHECKS.append(check_bundles)
