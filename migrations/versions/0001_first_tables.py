"""Every table, and the triggers that keep what has been written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "r2_0001"
down_revision = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
FOR_EVER = ("ledger", "seal", "checkpoint", "study_bundle")
"""Tables whose rows never change and never go."""
EMPTIED = ("sha256", "size", "bytes")
"""What a redaction empties of an attached file; the rest of its row never changes."""


def upgrade() -> None:
    _make_tables_of_ledger()
    _make_tables_of_accounts()
    _make_tables_of_study()
    _make_tables_of_participants()
    _make_tables_of_entry()
    _make_tables_of_queries()
    _make_tables_of_randomisation()
    _make_tables_of_dose_finding()
    _make_tables_of_oversight()
    _make_append_only()


def _make_tables_of_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("occurred_at", WORDS, nullable=False),
        sa.Column("actor_kind", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("action", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("request_id", WORDS, nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("software", WORDS, nullable=False),
        sa.Column("body_hash", WORDS, nullable=False),
        sa.Column("row_hash", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    op.create_index("ix_ledger_study_at", "ledger", ["study", "at"], unique=False)
    op.create_index("ix_ledger_study_subject", "ledger", ["study", "subject"], unique=False)
    op.create_table(
        "checkpoint",
        sa.Column("study", WORDS, nullable=False),
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("root", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("signature", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("study", "size", name="pk_checkpoint"),
    )
    op.create_table(
        "counter",
        sa.Column("study", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("study", "site", "name", name="pk_counter"),
    )
    op.create_table(
        "request",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("actor", WORDS, nullable=False),
        sa.Column("content", WORDS, nullable=False),
        sa.Column("answer", DOCUMENT, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
    )
    op.create_table(
        "ledger_body",
        sa.Column("ledger_id", WORDS, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ledger_id"], ["ledger.id"], name="fk_ledger_body_ledger_id_ledger"
        ),
        sa.PrimaryKeyConstraint("ledger_id", name="pk_ledger_body"),
    )
    op.create_table(
        "seal",
        sa.Column("study", WORDS, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ledger_id", WORDS, nullable=False),
        sa.Column("sealed_at", WORDS, nullable=False),
        sa.Column("leaf", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["ledger_id"], ["ledger.id"], name="fk_seal_ledger_id_ledger"),
        sa.PrimaryKeyConstraint("study", "position", name="pk_seal"),
        sa.UniqueConstraint("ledger_id", name="uq_seal_ledger_id"),
    )
    op.create_table(
        "unsealed",
        sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ledger_id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["ledger_id"], ["ledger.id"], name="fk_unsealed_ledger_id_ledger"),
        sa.PrimaryKeyConstraint("sequence", name="pk_unsealed"),
        sqlite_autoincrement=True,
    )
    # ### end Alembic commands ###


def _make_tables_of_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("email", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
    )
    op.create_index("ix_account_subject", "account", ["study", "subject"], unique=False)
    op.create_table(
        "membership",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("user", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("sites", DOCUMENT, nullable=True),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("from_date", WORDS, nullable=False),
        sa.Column("to_date", WORDS, nullable=True),
        sa.Column("ended_at", WORDS, nullable=True),
        sa.Column("assigned_by", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_membership"),
    )
    op.create_index("ix_membership_subject", "membership", ["study", "subject"], unique=False)
    op.create_index("ix_membership_user", "membership", ["user"], unique=False)
    op.create_table(
        "password",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("hash", WORDS, nullable=False),
        sa.Column("changed_at", WORDS, nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_password"),
    )
    op.create_table(
        "pending_form",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("path", WORDS, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("user", "path", name="pk_pending_form"),
    )
    op.create_table(
        "preference",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("fast_entry", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_preference"),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", WORDS, nullable=False),
        sa.Column("user", WORDS, nullable=False),
        sa.Column("created_at", WORDS, nullable=False),
        sa.Column("last_seen", WORDS, nullable=False),
        sa.Column("expires_at", WORDS, nullable=False),
        sa.Column("address", WORDS, nullable=False),
        sa.Column("agent", WORDS, nullable=False),
        sa.Column("revoked_at", WORDS, nullable=True),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.Column("locked_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
    )
    op.create_index("ix_session_user", "session", ["user"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", WORDS, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", WORDS, nullable=False),
        sa.Column("blocked_until", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_throttle"),
    )


def _make_tables_of_study() -> None:
    op.create_table(
        "consent_approval",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("version", WORDS, nullable=False),
        sa.Column("from_date", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_consent_approval"),
        sa.UniqueConstraint(
            "study", "site", "scope", "version", name="uq_consent_approval_study_site_scope_version"
        ),
    )
    op.create_index(
        "ix_consent_approval_subject", "consent_approval", ["study", "subject"], unique=False
    )
    op.create_table(
        "delegation",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("role_note", WORDS, nullable=False),
        sa.Column("from_date", WORDS, nullable=False),
        sa.Column("to_date", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_delegation"),
    )
    op.create_index("ix_delegation_subject", "delegation", ["study", "subject"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("country", WORDS, nullable=False),
        sa.Column("zone", WORDS, nullable=False),
        sa.Column("open_from", WORDS, nullable=True),
        sa.Column("closed_from", WORDS, nullable=True),
        sa.Column("attributes", DOCUMENT, nullable=False),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("target_by", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_site"),
        sa.UniqueConstraint("study", "slug", name="uq_site_study_slug"),
    )
    op.create_index("ix_site_subject", "site", ["study", "subject"], unique=False)
    op.create_table(
        "study_bundle",
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_study_bundle"),
    )
    op.create_table(
        "study_version",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=False),
        sa.Column("published_at", WORDS, nullable=False),
        sa.Column("published_by", WORDS, nullable=False),
        sa.Column("approved_by", WORDS, nullable=True),
        sa.Column("approved_at", WORDS, nullable=True),
        sa.Column("title", WORDS, nullable=False),
        sa.CheckConstraint(
            "state IN ('test', 'live', 'superseded')", name="ck_study_version_state"
        ),
        sa.PrimaryKeyConstraint("id", "study", name="pk_study_version"),
        sa.UniqueConstraint("study", "number", name="uq_study_version_study_number"),
    )
    op.create_index("ix_study_version_subject", "study_version", ["study", "subject"], unique=False)


def _make_tables_of_participants() -> None:
    op.create_table(
        "consent_event",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("scope", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("version", WORDS, nullable=True),
        sa.Column("date", WORDS, nullable=False),
        sa.Column("taken_by", WORDS, nullable=False),
        sa.Column("assent", sa.Boolean(), nullable=True),
        sa.Column("parent", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_consent_event"),
    )
    op.create_index("ix_consent_event_participant", "consent_event", ["participant"], unique=False)
    op.create_index("ix_consent_event_subject", "consent_event", ["study", "subject"], unique=False)
    op.create_table(
        "former_number",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("number", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_former_number"),
        sa.UniqueConstraint("study", "number", name="uq_former_number_study_number"),
    )
    op.create_index("ix_former_number_participant", "former_number", ["participant"], unique=False)
    op.create_index("ix_former_number_subject", "former_number", ["study", "subject"], unique=False)
    op.create_table(
        "list_preference",
        sa.Column("user", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("choices", DOCUMENT, nullable=False),
        sa.Column("chosen_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("user", "study", name="pk_list_preference"),
    )
    op.create_table(
        "participant",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("site_recruited", WORDS, nullable=False),
        sa.Column("screening_number", WORDS, nullable=False),
        sa.Column("participant_number", WORDS, nullable=True),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("participation", WORDS, nullable=False),
        sa.Column("screened_on", WORDS, nullable=False),
        sa.Column("enrolled_on", WORDS, nullable=True),
        sa.Column("source", WORDS, nullable=True),
        sa.Column("age_band", WORDS, nullable=True),
        sa.Column("reason_not_recruited", WORDS, nullable=True),
        sa.Column("duplicate_keys", DOCUMENT, nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("earlier_episode", WORDS, nullable=True),
        sa.Column("logs", DOCUMENT, nullable=False),
        sa.Column("open_queries", sa.Integer(), nullable=False),
        sa.Column("note", WORDS, nullable=True),
        sa.Column("cohort", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_participant"),
        sa.UniqueConstraint(
            "study", "participant_number", name="uq_participant_study_participant_number"
        ),
        sa.UniqueConstraint(
            "study", "screening_number", name="uq_participant_study_screening_number"
        ),
    )
    op.create_index(
        "ix_participant_site", "participant", ["study", "site", "screening_number"], unique=False
    )
    op.create_index("ix_participant_subject", "participant", ["study", "subject"], unique=False)
    op.create_table(
        "participant_event",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("date", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=True),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_participant_event"),
        sa.UniqueConstraint(
            "participant", "kind", "source", name="uq_participant_event_participant_kind_source"
        ),
    )
    op.create_index(
        "ix_participant_event_subject", "participant_event", ["study", "subject"], unique=False
    )
    op.create_table(
        "site_transfer",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("from_site", WORDS, nullable=False),
        sa.Column("to_site", WORDS, nullable=False),
        sa.Column("date", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("ledger_id", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_site_transfer"),
    )
    op.create_index("ix_site_transfer_left", "site_transfer", ["study", "from_site"], unique=False)
    op.create_index("ix_site_transfer_participant", "site_transfer", ["participant"], unique=False)
    op.create_index("ix_site_transfer_subject", "site_transfer", ["study", "subject"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("target_date", WORDS, nullable=True),
        sa.Column("earliest", WORDS, nullable=True),
        sa.Column("latest", WORDS, nullable=True),
        sa.Column("anchor", WORDS, nullable=True),
        sa.Column("planned", sa.Boolean(), nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("visit_date", WORDS, nullable=True),
        sa.Column("appointment", WORDS, nullable=True),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("instruments", DOCUMENT, nullable=False),
        sa.Column("forms", DOCUMENT, nullable=False),
        sa.Column("open_queries", sa.Integer(), nullable=False),
        sa.Column("flag", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_visit"),
        sa.UniqueConstraint(
            "participant", "slug", "occurrence", name="uq_visit_participant_slug_occurrence"
        ),
    )
    op.create_index(
        "ix_visit_appointment",
        "visit",
        ["study", "appointment"],
        unique=False,
        sqlite_where=sa.text("appointment IS NOT NULL"),
        postgresql_where=sa.text("appointment IS NOT NULL"),
    )
    op.create_index("ix_visit_due", "visit", ["study", "site", "status", "latest"], unique=False)
    op.create_index("ix_visit_subject", "visit", ["study", "subject"], unique=False)


def _make_tables_of_entry() -> None:
    op.create_table(
        "attached_file",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("entry", WORDS, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("sha256", WORDS, nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attached_file"),
        sa.UniqueConstraint(
            "study", "entry", "item", "sha256", name="uq_attached_file_study_entry_item_sha256"
        ),
    )
    op.create_index(
        "ix_attached_file_study_participant",
        "attached_file",
        ["study", "participant"],
        unique=False,
    )
    op.create_table(
        "draft",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("visit_slug", WORDS, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("instrument", WORDS, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("entry_version", sa.Integer(), nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("saved_at", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint(
            "participant",
            "site",
            "visit_slug",
            "occurrence",
            "instrument",
            "instance",
            "owner",
            name="uq_draft_key",
        ),
    )
    op.create_table(
        "entered_in_error",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("marked_by", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_entered_in_error"),
    )
    op.create_index(
        "ix_entered_in_error_participant", "entered_in_error", ["participant"], unique=False
    )
    op.create_index(
        "ix_entered_in_error_subject", "entered_in_error", ["study", "subject"], unique=False
    )
    op.create_table(
        "entry",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("visit", WORDS, nullable=True),
        sa.Column("visit_slug", WORDS, nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("instrument", WORDS, nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("doc", DOCUMENT, nullable=False),
        sa.Column("assessment_date", WORDS, nullable=True),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("completed_at", WORDS, nullable=True),
        sa.Column("saved_at", WORDS, nullable=False),
        sa.Column("saved_by", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("flags", DOCUMENT, nullable=False),
        sa.Column("days_late", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_entry"),
        sa.UniqueConstraint(
            "participant", "visit_slug", "occurrence", "instrument", "instance", name="uq_entry_key"
        ),
    )
    op.create_index("ix_entry_instrument", "entry", ["study", "instrument"], unique=False)
    op.create_index("ix_entry_subject", "entry", ["study", "subject"], unique=False)


def _make_tables_of_queries() -> None:
    op.create_table(
        "query",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("visit", WORDS, nullable=True),
        sa.Column("entry", WORDS, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("answer", WORDS, nullable=True),
        sa.Column("opened_at", WORDS, nullable=False),
        sa.Column("closed_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_query"),
    )
    op.create_index("ix_query_entry", "query", ["entry"], unique=False)
    op.create_index("ix_query_site", "query", ["study", "status", "site"], unique=False)
    op.create_index("ix_query_subject", "query", ["study", "subject"], unique=False)


def _make_tables_of_randomisation() -> None:
    op.create_table(
        "allocation",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arm", WORDS, nullable=False),
        sa.Column("design_version", sa.Integer(), nullable=False),
        sa.Column("list_name", WORDS, nullable=False),
        sa.Column("list_position", sa.Integer(), nullable=False),
        sa.Column("levels", DOCUMENT, nullable=False),
        sa.Column("levels_corrected", DOCUMENT, nullable=True),
        sa.Column("gate", DOCUMENT, nullable=False),
        sa.Column("confirmation", WORDS, nullable=True),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("local_date", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("request_id", WORDS, nullable=False),
        sa.Column("notified", DOCUMENT, nullable=False),
        sa.Column("annotation", DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_allocation"),
        sa.UniqueConstraint(
            "participant", "randomisation", name="uq_allocation_participant_randomisation"
        ),
        sa.UniqueConstraint("request_id", name="uq_allocation_request_id"),
        sa.UniqueConstraint(
            "study", "list_name", "list_position", name="uq_allocation_list_position"
        ),
        sa.UniqueConstraint(
            "study", "randomisation", "number", name="uq_allocation_study_randomisation_number"
        ),
    )
    op.create_index("ix_allocation_subject", "allocation", ["study", "subject"], unique=False)
    op.create_table(
        "confirmation",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("style", WORDS, nullable=False),
        sa.Column("investigator", WORDS, nullable=False),
        sa.Column("date", WORDS, nullable=False),
        sa.Column("source_document", WORDS, nullable=True),
        sa.Column("content_hash", WORDS, nullable=False),
        sa.Column("meaning", WORDS, nullable=True),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("void_reason", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_confirmation"),
    )
    op.create_index("ix_confirmation_subject", "confirmation", ["study", "subject"], unique=False)
    op.create_table(
        "design_version",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("concealed_design", sa.Text(), nullable=False),
        sa.Column("concealed_r", sa.Text(), nullable=False),
        sa.Column("r_hash", WORDS, nullable=False),
        sa.Column("entered_by", WORDS, nullable=False),
        sa.Column("entered_at", WORDS, nullable=False),
        sa.Column("v", WORDS, nullable=True),
        sa.Column("concealed_key", sa.Text(), nullable=True),
        sa.Column("commitment", WORDS, nullable=True),
        sa.Column("activated_by", WORDS, nullable=True),
        sa.Column("activated_at", WORDS, nullable=True),
        sa.Column("disclosure_requested_by", WORDS, nullable=True),
        sa.Column("disclosure_reason", WORDS, nullable=True),
        sa.Column("disclosed_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_design_version"),
        sa.UniqueConstraint(
            "study", "randomisation", "number", name="uq_design_version_study_randomisation_number"
        ),
    )
    op.create_index(
        "ix_design_version_subject", "design_version", ["study", "subject"], unique=False
    )
    op.create_table(
        "envelope",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("design_version", sa.Integer(), nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch", WORDS, nullable=False),
        sa.Column("printed_by", WORDS, nullable=False),
        sa.Column("printed_at", WORDS, nullable=False),
        sa.Column("destroyed_by", WORDS, nullable=True),
        sa.Column("destroyed_at", WORDS, nullable=True),
        sa.Column("destroyed_reason", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_envelope"),
        sa.UniqueConstraint(
            "study",
            "randomisation",
            "design_version",
            "site",
            "number",
            name="uq_envelope_study_randomisation_design_version_site_number",
        ),
    )
    op.create_index("ix_envelope_subject", "envelope", ["study", "subject"], unique=False)
    op.create_table(
        "halt",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("proposed_by", WORDS, nullable=True),
        sa.Column("proposal", DOCUMENT, nullable=True),
        sa.Column("ended_at", WORDS, nullable=True),
        sa.Column("ended_by", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_halt"),
    )
    op.create_index("ix_halt_subject", "halt", ["study", "subject"], unique=False)
    op.create_table(
        "list_head",
        sa.Column("study", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("list_name", WORDS, nullable=False),
        sa.Column("next_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("study", "randomisation", "list_name", name="pk_list_head"),
    )
    op.create_table(
        "lost_list_position",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("design_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("list_name", WORDS, nullable=True),
        sa.Column("list_position", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_lost_list_position"),
    )
    op.create_index(
        "ix_lost_list_position_subject", "lost_list_position", ["study", "subject"], unique=False
    )
    op.create_table(
        "number_head",
        sa.Column("study", WORDS, nullable=False),
        sa.Column("randomisation", WORDS, nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("study", "randomisation", name="pk_number_head"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("content", DOCUMENT, nullable=False),
        sa.Column("created_at", WORDS, nullable=False),
        sa.Column("delivered_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )


def _make_tables_of_dose_finding() -> None:
    op.create_table(
        "dose_decision",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("part", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choice", WORDS, nullable=False),
        sa.Column("level", WORDS, nullable=True),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("advised", DOCUMENT, nullable=False),
        sa.Column("state", DOCUMENT, nullable=False),
        sa.Column("committee", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("reopened_at", WORDS, nullable=True),
        sa.Column("reopened_reason", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_dose_decision"),
        sa.UniqueConstraint("study", "part", "number", name="uq_dose_decision_study_part_number"),
    )
    op.create_index("ix_dose_decision_subject", "dose_decision", ["study", "subject"], unique=False)
    op.create_table(
        "dose_slot",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("participant", WORDS, nullable=False),
        sa.Column("site", WORDS, nullable=False),
        sa.Column("part", WORDS, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("level", WORDS, nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("gate", DOCUMENT, nullable=False),
        sa.Column("at", WORDS, nullable=False),
        sa.Column("local_date", WORDS, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=True),
        sa.Column("outcome_date", WORDS, nullable=True),
        sa.Column("met", sa.Boolean(), nullable=True),
        sa.Column("note", WORDS, nullable=True),
        sa.Column("recorded_by", WORDS, nullable=True),
        sa.Column("recorded_at", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", "study", name="pk_dose_slot"),
        sa.UniqueConstraint("participant", "part", name="uq_dose_slot_participant_part"),
        sa.UniqueConstraint("study", "part", "number", name="uq_dose_slot_study_part_number"),
    )
    op.create_index("ix_dose_slot_subject", "dose_slot", ["study", "subject"], unique=False)


def _make_tables_of_oversight() -> None:
    op.create_table(
        "redaction",
        sa.Column("id", WORDS, nullable=False),
        sa.Column("study", WORDS, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("about", WORDS, nullable=False),
        sa.Column("entry", WORDS, nullable=False),
        sa.Column("item", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("requested_by", WORDS, nullable=False),
        sa.Column("requested_at", WORDS, nullable=False),
        sa.Column("done_by", WORDS, nullable=True),
        sa.Column("done_at", WORDS, nullable=True),
        sa.Column("places", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", "study", name="pk_redaction"),
    )
    op.create_index("ix_redaction_subject", "redaction", ["study", "subject"], unique=False)


def _make_append_only() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _add_postgresql_triggers()
    else:
        _add_sqlite_triggers()


def _is_no_redaction() -> str:
    """That an update of an attached file does more than empty what tells the file."""
    lasting = ("id", "study", "participant", "entry", "item")
    moved = [f"NEW.{name} <> OLD.{name}" for name in lasting]
    return " OR ".join([*moved, *(f"NEW.{name} IS NOT NULL" for name in EMPTIED)])


def _add_sqlite_triggers() -> None:
    for table in FOR_EVER:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table in ("ledger_body", "attached_file"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER ledger_refuses_known_id BEFORE INSERT ON ledger "
        "WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER attached_file_refuses_known_id BEFORE INSERT ON attached_file "
        "WHEN EXISTS (SELECT 1 FROM attached_file WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'attached_file is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_body_only_redacts BEFORE UPDATE ON ledger_body "
        "WHEN NEW.ledger_id <> OLD.ledger_id OR instr(NEW.body, '\"redacted\"') = 0 "
        "BEGIN SELECT RAISE(ABORT, 'ledger_body only changes by redaction'); END"
    )
    op.execute(
        "CREATE TRIGGER attached_file_only_redacts BEFORE UPDATE ON attached_file "
        f"WHEN {_is_no_redaction()} "
        "BEGIN SELECT RAISE(ABORT, 'attached_file only changes by redaction'); END"
    )


def _add_postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION only_redact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.ledger_id <> OLD.ledger_id OR position('\"redacted\"' in NEW.body) = 0 THEN "
        "RAISE EXCEPTION 'ledger_body only changes by redaction'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE FUNCTION only_redact_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_is_no_redaction()} THEN "
        "RAISE EXCEPTION 'attached_file only changes by redaction'; END IF; RETURN NEW; END $$"
    )
    for table in FOR_EVER:
        _add_trigger(table, "refuses_change", "BEFORE UPDATE OR DELETE", "ROW", "refuse_change")
        _add_trigger(table, "refuses_truncate", "BEFORE TRUNCATE", "STATEMENT", "refuse_change")
    for table, redact in (("ledger_body", "only_redact"), ("attached_file", "only_redact_file")):
        _add_trigger(table, "refuses_delete", "BEFORE DELETE", "ROW", "refuse_change")
        _add_trigger(table, "refuses_truncate", "BEFORE TRUNCATE", "STATEMENT", "refuse_change")
        _add_trigger(table, "only_redacts", "BEFORE UPDATE", "ROW", redact)


def _add_trigger(table: str, name: str, when: str, each: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} {when} ON {table} FOR EACH {each} "
        f"EXECUTE FUNCTION {function}()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")
