"""Tables of dose finding: who holds a place at which level, and what was decided."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table

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
    sa.Column("judged_by", Words),
    sa.Column("judged_at", Words),
    sa.UniqueConstraint("study", "part", "number"),
    sa.UniqueConstraint("participant", "part"),
)
"""One person at one level. after: the number of the last decision before, 0 before the first."""

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
    sa.Column("why", Words, nullable=False),
    sa.Column("study_version", sa.Integer, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("reopened_at", Words),
    sa.Column("reopened_why", Words),
    sa.UniqueConstraint("study", "part", "number"),
)
"""What a committee signed. until: how many people the opened level then takes before the next."""
