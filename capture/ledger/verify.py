"""Does everything still agree: ledger rows, bodies, seals, checkpoints, folded state and counters?

Each check yields findings in words that name the row. Nothing is repaired here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from capture.db import folded_tables
from capture.ledger import canonical, merkle
from capture.ledger.bodies import row_digest
from capture.ledger.concealment import Concealment
from capture.ledger.fold import COUNTED, MemoryState, Row
from capture.ledger.reads import states
from capture.ledger.sealing import message
from capture.ledger.tables import checkpoint, counter, ledger, ledger_body, seal, unsealed


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


Check = Callable[[sa.Connection, Concealment, str, MemoryState], Iterable[str]]
CHECKS: list[Check] = []
"""Further checks of one subject's state against what only a feature knows (allocations re-derived)."""

StudyCheck = Callable[[sa.Connection, Concealment, str], Iterable[str]]
STUDY_CHECKS: list[StudyCheck] = []
"""Further checks of a whole study (list heads, gaps)."""


def verify_study(
    connection: sa.Connection,
    concealment: Concealment,
    study: str,
    outside: Iterable[dict[str, Any]] = (),
) -> Report:
    """Check one study's tree. outside: checkpoints held elsewhere, as read from their files."""
    report = Report(study)
    _check_rows(connection, report)
    _check_seals(connection, report)
    _check_checkpoints(connection, report, list(outside))
    if report.agrees:
        # A ledger that does not agree with itself cannot be folded to judge the state.
        report.findings.extend(_check_state(connection, concealment, study))
        for check in STUDY_CHECKS:
            report.findings.extend(check(connection, concealment, study))
    return report


def _check_rows(connection: sa.Connection, report: Report) -> None:
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
        report.findings.extend(_row_findings(row, report))


def _row_findings(row: Any, report: Report) -> Iterator[str]:
    place = f"ledger row {row['id']} ({row['action']}, {row['at']})"
    if row["body"] is None:
        yield f"{place}: its body is missing"
    else:
        try:
            body = orjson.loads(row["body"])
            redacted = [name for name, content in body.items() if isinstance(content, dict)]
            report.redacted.extend(f"{place}: {name}" for name in redacted)
            if canonical.body_digest(body) != row["body_hash"]:
                yield f"{place}: its body was changed"
        except (orjson.JSONDecodeError, ValueError, AttributeError, KeyError, TypeError):
            yield f"{place}: its body was changed and cannot be read"
    if row_digest(row) != row["row_hash"]:
        yield f"{place}: the row was changed"
    if row["position"] is None and row["sequence"] is None:
        yield f"{place}: it is neither sealed nor waiting to be sealed"
    report.sealed += row["position"] is not None
    report.unsealed += row["position"] is None


def _check_seals(connection: sa.Connection, report: Report) -> None:
    statement = (
        sa.select(seal, ledger.c.row_hash)
        .outerjoin(ledger, (ledger.c.id == seal.c.ledger_id) & (ledger.c.study == seal.c.study))
        .where(seal.c.study == report.study)
        .order_by(seal.c.position)
        .execution_options(yield_per=1_000)
    )
    last = ""
    for expected, row in enumerate(connection.execute(statement), start=1):
        place = f"seal {report.study} position {row.position}"
        if row.position != expected:
            report.findings.append(f"{place}: position {expected} is missing before it")
            return
        if row.row_hash is None:
            report.findings.append(f"{place}: its ledger row {row.ledger_id} is missing")
        elif merkle.leaf_hash(row.row_hash, row.position, row.sealed_at) != row.leaf:
            report.findings.append(
                f"{place}: the seal does not match its ledger row {row.ledger_id}"
            )
        if row.sealed_at < last:
            report.findings.append(
                f"{place}: sealed at {row.sealed_at}, before the position before it"
            )
        last = row.sealed_at


def _check_checkpoints(
    connection: sa.Connection, report: Report, outside: list[dict[str, Any]]
) -> None:
    inside = [
        dict(row)
        for row in connection.execute(
            sa.select(checkpoint).where(checkpoint.c.study == report.study)
        ).mappings()
    ]
    heads = sorted(
        [(head["size"], "checkpoint", head) for head in inside]
        + [
            (head["size"], "outside checkpoint", head)
            for head in outside
            if head["study"] == report.study
        ],
        key=lambda known: known[0],
    )
    leaves = connection.execute(
        sa.select(seal.c.leaf).where(seal.c.study == report.study).order_by(seal.c.position)
    ).scalars()
    tree = merkle.Growing()
    for size, kind, head in heads:
        while tree.size < size and (leaf := next(leaves, None)) is not None:
            tree.add(leaf)
        report.findings.extend(_head_findings(f"{kind} {report.study} of {size} rows", head, tree))


def _head_findings(place: str, head: dict[str, Any], tree: merkle.Growing) -> Iterator[str]:
    if not _signed(head):
        yield f"{place}: its signature does not hold"
    if tree.size < head["size"]:
        yield f"{place}: only {tree.size} rows are sealed now; rows are missing"
    elif tree.root() != head["root"]:
        yield f"{place}: the sealed rows up to it are not the ones it was signed for"


def _signed(head: dict[str, Any]) -> bool:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
        covered = message(head["study"], head["size"], head["root"], head["at"])
        key.verify(bytes.fromhex(head["signature"]), covered)
    except (InvalidSignature, ValueError):
        return False
    return True


def _check_state(connection: sa.Connection, concealment: Concealment, study: str) -> Iterator[str]:
    """Fold every subject and compare with its rows; then recount the counters."""
    counted: Counter[tuple[str, str]] = Counter()
    stored = [(table.name, _by_subject(connection, table, study)) for table in folded_tables()]
    waiting = {name: next(groups, None) for name, groups in stored}
    streams = dict(stored)
    for state in states(connection, concealment, study):
        for table in streams:
            found: dict[str, Row] = {}
            while (group := waiting[table]) is not None and group[0] <= state.subject:
                if group[0] < state.subject:
                    yield f"{table} {next(iter(group[1]))}: it has no ledger row"
                else:
                    found = group[1]
                waiting[table] = next(streams[table], None)
            yield from _row_differences(table, state.tables.get(table, {}), found)
            for row in state.tables.get(table, {}).values():
                counted.update(COUNTED[table](row) if table in COUNTED else ())
        for check in CHECKS:
            yield from check(connection, concealment, study, state)
    for table, group in waiting.items():
        if group is not None:
            yield f"{table} {next(iter(group[1]))}: it has no ledger row"
    yield from _counter_differences(connection, study, counted)


def _by_subject(
    connection: sa.Connection, table: sa.Table, study: str
) -> Iterator[tuple[str, dict[str, Row]]]:
    statement = (
        sa.select(table)
        .where(table.c.study == study)
        .order_by(table.c.subject, table.c.id)
        .execution_options(yield_per=1_000)
    )
    rows = connection.execute(statement).mappings()
    for subject, mine in groupby(rows, key=lambda row: row["subject"]):
        yield subject, {row["id"]: dict(row) for row in mine}


def _row_differences(table: str, folded: dict[str, Row], stored: dict[str, Row]) -> Iterator[str]:
    for row_id in sorted(folded.keys() | stored.keys()):
        if row_id not in stored:
            yield f"{table} {row_id}: the ledger has it, the table does not"
        elif row_id not in folded:
            yield f"{table} {row_id}: the table has it, the ledger does not"
        elif folded[row_id] != stored[row_id]:
            columns = [
                name for name in stored[row_id] if folded[row_id].get(name) != stored[row_id][name]
            ]
            yield f"{table} {row_id}: {', '.join(columns)} differs from what the ledger says"


def _counter_differences(
    connection: sa.Connection, study: str, counted: Counter[tuple[str, str]]
) -> Iterator[str]:
    stored = {
        (row.site, row.name): row.n
        for row in connection.execute(sa.select(counter).where(counter.c.study == study))
    }
    for site, name in sorted(counted.keys() | stored.keys()):
        if counted[site, name] != stored.get((site, name), 0):
            yield (
                f"counter {study} {site} {name}: it says {stored.get((site, name), 0)}, "
                f"a recount {counted[site, name]}"
            )


def read_checkpoints(path: Path) -> list[dict[str, Any]]:
    """Checkpoints from a file held outside: one JSON object a line, or a manifest's tree head.

    Raises ValueError naming the line that cannot be read.
    """
    heads = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                head = json.loads(line)
                heads.append(
                    {
                        name: head[name]
                        for name in ("study", "size", "root", "at", "key", "signature")
                    }
                )
            except (ValueError, KeyError, TypeError) as problem:
                raise ValueError(
                    f"{path.name}:{number}: this is not a checkpoint ({problem})"
                ) from problem
    return heads
