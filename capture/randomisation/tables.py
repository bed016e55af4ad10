"""Tables of designs, confirmations and allocations; their constraints are the last defence."""

from __future__ import annotations

import sqlalchemy as sa

from capture.db import Document, Words, folded_table, metadata

design_version = folded_table(
    "design_version",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("concealed_design", sa.Text, nullable=False),
    sa.Column("concealed_r", sa.Text, nullable=False),
    sa.Column("r_hash", Words, nullable=False),
    sa.Column("entered_by", Words, nullable=False),
    sa.Column("entered_at", Words, nullable=False),
    sa.Column("v", Words),
    sa.Column("concealed_key", sa.Text),
    sa.Column("commitment", Words),
    sa.Column("activated_by", Words),
    sa.Column("activated_at", Words),
    sa.Column("unseal_asked_by", Words),
    sa.Column("unseal_reason", Words),
    sa.Column("unsealed_at", Words),
    sa.UniqueConstraint("study", "randomisation", "number"),
)

lost_place = folded_table(
    "lost_place",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("list_name", Words),
    sa.Column("list_position", sa.Integer),
)

halt = folded_table(
    "halt",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("why", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("proposed_by", Words),
    sa.Column("proposal", Document),
    sa.Column("ended_at", Words),
    sa.Column("ended_by", Words),
)

confirmation = folded_table(
    "confirmation",
    sa.Column("participant", Words, nullable=False),
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("style", Words, nullable=False),
    sa.Column("doctor", Words, nullable=False),
    sa.Column("date", Words, nullable=False),
    sa.Column("where_documented", Words),
    sa.Column("content_hash", Words, nullable=False),
    sa.Column("meaning", Words),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("void_reason", Words),
)

allocation = folded_table(
    "allocation",
    sa.Column("participant", Words, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("arm", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("list_name", Words, nullable=False),
    sa.Column("list_position", sa.Integer, nullable=False),
    sa.Column("levels", Document, nullable=False),
    sa.Column("levels_corrected", Document),
    sa.Column("gate", Document, nullable=False),
    sa.Column("confirmation", Words),
    sa.Column("at", Words, nullable=False),
    sa.Column("local_date", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("request_id", Words, nullable=False),
    sa.Column("told", Document, nullable=False),
    sa.Column("annotation", Document),
    sa.UniqueConstraint("study", "randomisation", "number"),
    sa.UniqueConstraint("study", "list_name", "list_position", name="uq_allocation_list_position"),
    sa.UniqueConstraint("participant", "randomisation"),
    sa.UniqueConstraint("request_id"),
)

envelope = folded_table(
    "envelope",
    sa.Column("randomisation", Words, nullable=False),
    sa.Column("design_version", sa.Integer, nullable=False),
    sa.Column("site", Words, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("batch", Words, nullable=False),
    sa.Column("printed_by", Words, nullable=False),
    sa.Column("printed_at", Words, nullable=False),
    sa.Column("destroyed_by", Words),
    sa.Column("destroyed_at", Words),
    sa.Column("destroyed_words", Words),
    sa.UniqueConstraint("study", "randomisation", "design_version", "site", "number"),
)

list_head = sa.Table(
    "list_head",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("randomisation", Words, primary_key=True),
    sa.Column("list_name", Words, primary_key=True),
    sa.Column("next_position", sa.Integer, nullable=False),
)

number_head = sa.Table(
    "number_head",
    metadata,
    sa.Column("study", Words, primary_key=True),
    sa.Column("randomisation", Words, primary_key=True),
    sa.Column("next_number", sa.Integer, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Words, primary_key=True),
    sa.Column("kind", Words, nullable=False),
    sa.Column("study", Words, nullable=False),
    sa.Column("content", Document, nullable=False),
    sa.Column("created_at", Words, nullable=False),
    sa.Column("delivered_at", Words),
)
