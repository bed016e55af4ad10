"""Attached files: their bytes, beside the entries whose items name them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LASTING = ("id", "study", "participant", "entry", "item")
GOES = ("sha256", "size", "bytes")


def upgrade() -> None:
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
    op.create_index("ix_attached_file_study_participant", "attached_file", ["study", "participant"])
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _is_other() -> str:
    """That an update is more than a redaction, which empties what tells the file and no more."""
    moved = [f"NEW.{name} <> OLD.{name}" for name in LASTING]
    return " OR ".join([*moved, *(f"NEW.{name} IS NOT NULL" for name in GOES)])


def _sqlite() -> None:
    op.execute(
        "CREATE TRIGGER attached_file_refuses_delete BEFORE DELETE ON attached_file "
        "BEGIN SELECT RAISE(ABORT, 'attached_file is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER attached_file_refuses_known_id BEFORE INSERT ON attached_file "
        "WHEN EXISTS (SELECT 1 FROM attached_file WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'attached_file is append-only'); END"
    )
    op.execute(
        f"CREATE TRIGGER attached_file_only_redacts BEFORE UPDATE ON attached_file "
        f"WHEN {_is_other()} "
        "BEGIN SELECT RAISE(ABORT, 'attached_file only changes by redaction'); END"
    )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION only_redact_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_is_other()} THEN "
        "RAISE EXCEPTION 'attached_file only changes by redaction'; END IF; RETURN NEW; END $$"
    )
    _always("refuses_delete", "BEFORE DELETE", "FOR EACH ROW", "refuse_change")
    _always("refuses_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT", "refuse_change")
    _always("only_redacts", "BEFORE UPDATE", "FOR EACH ROW", "only_redact_file")


def _always(name: str, when: str, each: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER attached_file_{name} {when} ON attached_file {each} "
        f"EXECUTE FUNCTION {function}()"
    )
    op.execute(f"ALTER TABLE attached_file ENABLE ALWAYS TRIGGER attached_file_{name}")
