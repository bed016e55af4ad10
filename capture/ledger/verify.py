"""Does everything still agree: ledger rows, bodies, seals, checkpoints, folded state and counters?

Each check yields findings in words that name the row. Nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from capture.db import folded_tables
from capture.ledger import canonical, merkle
from capture.ledger.concealment import Concealment
from capture.ledger.payloads import row_digest
from capture.ledger.sealing import Checkpoint
from capture.ledger.state_check import state_findings
from capture.ledger.tables import checkpoint, counter, ledger, ledger_body, seal, unsealed
from capture.ledger.tree_heads import head_findings
from capture.problems import Problem


@dataclass
class Report:
    """What verify saw in one study: how much it read, what is redacted, and what does not agree."""

    study: str
    rows: int = 0
    sealed: int = 0
    unsealed: int = 0
    redacted: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.findings


class MissingRow(str):
    """What a check found rightly gone: redacted on record. It is listed, and no finding."""

    __slots__ = ()


StudyCheck = Callable[[sa.Connection, Concealment, str], Iterable[str]]
STUDY_CHECKS: list[StudyCheck] = []
"""Further checks of a study that only a feature can make (allocations derived again)."""

BROKEN = (ValueError, TypeError, LookupError, AttributeError, Problem, sa.exc.DatabaseError)
"""What a check may raise over content that was made into something it never is."""


def verify_study(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    outside: Collection[Checkpoint] = (),
    *,
    keys: Collection[str] = (),
) -> Report:
    """Check one study's tree.

    outside: checkpoints held elsewhere, as read from their files. keys: the public keys that may
    have signed the checkpoints in the database; any when empty.
    """
    report = Report(study)
    _take(report, "ledger", _row_findings(connection, report))
    _take(report, "waiting rows", _waiting_findings(connection, study))
    _take(report, "seals", _seal_findings(connection, study))
    _take(report, "checkpoints", head_findings(connection, study, outside, keys))
    if report.agrees:
        # A ledger that does not agree with itself cannot be folded to judge the state.
        _take(report, "state", state_findings(connection, concealment, study))
        for check in STUDY_CHECKS:
            _take(report, "state", check(connection, concealment, study))
    return report


def studies_anywhere(connection: sa.Connection) -> list[str]:
    """Return every study that any row names, so that a tree without its ledger is looked at too."""
    tables = [ledger, unsealed, seal, checkpoint, counter, *folded_tables()]
    named = sa.union(*(sa.select(table.c.study) for table in tables))
    return sorted(connection.execute(named).scalars())


def loose_bodies(connection: sa.Connection) -> list[str]:
    """Side rows that belong to no ledger row, and so to no study."""
    statement = (
        sa.select(ledger_body.c.ledger_id)
        .outerjoin(ledger, ledger.c.id == ledger_body.c.ledger_id)
        .where(ledger.c.id.is_(None))
        .order_by(ledger_body.c.ledger_id)
    )
    found = connection.execute(statement).scalars()
    return [f"side row {ledger_id}: its ledger row is missing" for ledger_id in found]


def _take(report: Report, what: str, findings: Iterable[str]) -> None:
    try:
        for finding in findings:
            (report.redacted if isinstance(finding, MissingRow) else report.findings).append(
                finding
            )
    except BROKEN as problem:
        report.findings.append(
            f"{what} of {report.study}: what is stored cannot be read ({problem})"
        )


def _row_findings(connection: sa.Connection, report: Report) -> Iterator[str]:
    statement = (
        sa.select(ledger, ledger_body.c.body, seal.c.position, unsealed.c.sequence)
        .outerjoin(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
        .outerjoin(seal, seal.c.ledger_id == ledger.c.id)
        .outerjoin(unsealed, unsealed.c.ledger_id == ledger.c.id)
        .where(ledger.c.study == report.study)
        .execution_options(yield_per=1_000)
    )
    for row in connection.execute(statement).mappings():
        report.rows += 1
        report.sealed += row["position"] is not None
        report.unsealed += row["position"] is None
        place = f"ledger row {row['id']} ({row['action']}, {row['at']})"
        yield from _body_findings(place, row, report)
        if _row_hash(row) != row["row_hash"]:
            yield f"{place}: the row was changed"
        if row["position"] is None and row["sequence"] is None:
            yield f"{place}: it is neither sealed nor waiting to be sealed"


def _row_hash(row: Any) -> str:
    try:
        return row_digest(row)
    except ValueError:
        return "nothing that could be written down"


def _body_findings(place: str, row: Any, report: Report) -> Iterator[str]:
    if row["body"] is None:
        yield f"{place}: its body is missing"
        return
    try:
        body = orjson.loads(row["body"])
        redacted = [name for name, content in body.items() if isinstance(content, dict)]
        report.redacted.extend(f"{place}: {name}" for name in redacted)
        same = canonical.write_canonical(body).decode() == row["body"]
        if not same or canonical.body_digest(body) != row["body_hash"]:
            yield f"{place}: its body was changed"
    except (ValueError, AttributeError, KeyError, TypeError):
        yield f"{place}: its body was changed and cannot be read"


def _waiting_findings(connection: sa.Connection, study: str) -> Iterator[str]:
    """Rows on their way to a position: each must be a ledger row of this study without one."""
    statement = (
        sa.select(unsealed.c.sequence, unsealed.c.ledger_id, ledger.c.study, seal.c.position)
        .outerjoin(ledger, ledger.c.id == unsealed.c.ledger_id)
        .outerjoin(seal, seal.c.ledger_id == unsealed.c.ledger_id)
        .where(unsealed.c.study == study)
        .order_by(unsealed.c.sequence)
    )
    seen: set[str] = set()
    for row in connection.execute(statement):
        place = f"waiting row {row.sequence}"
        if row.ledger_id in seen:
            yield f"{place}: its ledger row {row.ledger_id} waits already; nothing can be sealed"
        seen.add(row.ledger_id)
        if row.study != study:
            yield f"{place}: {study} has no ledger row {row.ledger_id}"
        if row.position is not None:
            yield f"{place}: its ledger row {row.ledger_id} is sealed already"


def _seal_findings(connection: sa.Connection, study: str) -> Iterator[str]:
    statement = (
        sa.select(seal, ledger.c.row_hash)
        .outerjoin(ledger, (ledger.c.id == seal.c.ledger_id) & (ledger.c.study == seal.c.study))
        .where(seal.c.study == study)
        .order_by(seal.c.position)
        .execution_options(yield_per=1_000)
    )
    last, expected = "", 1
    for row in connection.execute(statement):
        place = f"seal {study} position {row.position}"
        if row.position != expected:
            yield f"{place}: position {expected} is missing before it"
        expected = row.position + 1
        if row.row_hash is None:
            yield f"{place}: its ledger row {row.ledger_id} is missing"
        elif merkle.leaf_hash(row.row_hash, row.position, row.sealed_at) != row.leaf:
            yield f"{place}: the seal does not match its ledger row {row.ledger_id}"
        if row.sealed_at < last:
            yield f"{place}: sealed at {row.sealed_at}, before the position before it"
        last = row.sealed_at
