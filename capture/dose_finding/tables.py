"""Tables of dose finding: participants' places at dose levels, and the committee's decisions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from capture.db import Document, Words, folded_table
from capture.ledger.fold import FoldedRow, FoldedTable

dose_slot = folded_table(
    "dose_slot",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("part", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("level", Words, nullable=False),
    sa.Column("after", sa.Integer, nullable=False),
    sa.Column("gate", Document, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("local_date", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("outcome", Words),
    sa.Column("outcome_date", Words),
    sa.Column("met", sa.Boolean),
    sa.Column("note", Words),
    sa.Column("recorded_by", Words),
    sa.Column("recorded_at", Words),
    sa.UniqueConstraint("study", "part", "number"),
    sa.UniqueConstraint("participant", "part"),
)
"""A participant at a level. after: number of the last decision before, 0 before the first."""


class DoseSlotState(FoldedRow):
    """A row of `dose_slot`."""

    participant: str
    site: str
    part: str
    number: int
    level: str
    after: int
    gate: list[dict[str, Any]]
    at: str
    local_date: str
    by: str
    outcome: str | None
    outcome_date: str | None
    met: bool | None
    note: str | None
    recorded_by: str | None
    recorded_at: str | None


DOSE_SLOT = FoldedTable("dose_slot", DoseSlotState)

dose_decision = folded_table(
    "dose_decision",
    sa.Column("part", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("choice", Words, nullable=False),
    sa.Column("level", Words),
    sa.Column("until", sa.Integer),
    sa.Column("advised", Document, nullable=False),
    sa.Column("state", Document, nullable=False),
    sa.Column("committee", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("study_version", sa.Integer, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("reopened_at", Words),
    sa.Column("reopened_reason", Words),
    sa.UniqueConstraint("study", "part", "number"),
)
"""A signed decision. until: how many participants the level may have before the next one."""


class DoseDecisionState(FoldedRow):
    """A row of `dose_decision`."""

    part: str
    number: int
    choice: str
    level: str | None
    until: int | None
    advised: dict[str, Any]
    state: dict[str, Any]
    committee: str
    reason: str
    study_version: int
    by: str
    at: str
    reopened_at: str | None
    reopened_reason: str | None


DOSE_DECISION = FoldedTable("dose_decision", DoseDecisionState)
