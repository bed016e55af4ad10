"""Checking and folding the record, per 100,000 ledger rows, beside reading and hashing alone.

SARCOMERE_BENCH_PARTICIPANTS says how many are rehearsed (40 without it). Reported, never asserted.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from capture.ledger.reads import list_states
from capture.ledger.tables import ledger
from capture.ledger.verify import verify_study
from capture.synthetic import RehearsalPlan, rehearse
from capture.web.request_context import Services
from tests.bench.measuring import MILLI, heading, report
from tests.support.rehearsed import END, SEED, START
from tests.support.trial import GIST

PARTICIPANTS = int(os.environ.get("SARCOMERE_BENCH_PARTICIPANTS", "40"))
PER = 100_000


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one piece of work, the best of three."""
    spent = []
    for _ in range(3):
        before = time.process_time()
        work()
        spent.append(time.process_time() - before)
    return min(spent)


def read_and_hash(path: Path) -> None:
    """The driver alone: every ledger row with its body, read, parsed and hashed once."""
    with closing(sqlite3.connect(path)) as plain:
        rows = plain.execute(
            "SELECT l.*, b.body FROM ledger l JOIN ledger_body b ON ledger_id = id"
        )
        for row in rows:
            orjson.loads(row[-1])
            hashlib.sha256(row[-1].encode()).hexdigest()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_rehearse_verify_and_fold(services: Services) -> None:
    began = time.process_time()
    rehearse(services, RehearsalPlan(GIST, PARTICIPANTS, SEED, START, END))
    rehearsed = time.process_time() - began
    with services.database.reading() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).where(ledger.c.study == GIST).select_from(ledger)
        ).scalar_one()
        scale = PER / count * MILLI
        floor = seconds(lambda: read_and_hash(services.config.data / "sarcomere.sqlite")) * scale
        verified = seconds(lambda: verify_study(connection, services.concealment, GIST)) * scale
        folded = (
            seconds(lambda: list(list_states(connection, services.concealment, GIST, up_to=count)))
            * scale
        )
    heading(f"per {PER} ledger rows, CPU (measured on {count})")
    report("verify, floor reading and hashing", verified, floor)
    report("fold as of an instant, the same floor", folded, floor)
    heading(f"rehearsing {PARTICIPANTS} participants, CPU")
    report("for each participant", rehearsed / PARTICIPANTS * MILLI)
