"""What has been written stays: triggers on the ledger, its bodies, seals and checkpoints."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

FOR_EVER = ("ledger", "seal", "checkpoint", "study_bundle")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    for table in FOR_EVER:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER ledger_refuses_known_id BEFORE INSERT ON ledger "
        "WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'ledger is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_body_refuses_delete BEFORE DELETE ON ledger_body "
        "BEGIN SELECT RAISE(ABORT, 'ledger_body is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_body_only_redacts BEFORE UPDATE ON ledger_body "
        "WHEN NEW.ledger_id <> OLD.ledger_id OR instr(NEW.body, '\"redacted\"') = 0 "
        "BEGIN SELECT RAISE(ABORT, 'ledger_body only changes by redaction'); END"
    )


def _postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE FUNCTION only_redact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.ledger_id <> OLD.ledger_id OR position('\"redacted\"' in NEW.body) = 0 THEN "
        "RAISE EXCEPTION 'ledger_body only changes by redaction'; END IF; RETURN NEW; END $$"
    )
    for table in FOR_EVER:
        _always(table, "refuses_change", "BEFORE UPDATE OR DELETE", "FOR EACH ROW", "refuse_change")
        _always(table, "refuses_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT", "refuse_change")
    _always("ledger_body", "refuses_delete", "BEFORE DELETE", "FOR EACH ROW", "refuse_change")
    _always(
        "ledger_body", "refuses_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT", "refuse_change"
    )
    _always("ledger_body", "only_redacts", "BEFORE UPDATE", "FOR EACH ROW", "only_redact")


def _always(table: str, name: str, when: str, each: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_{name} {when} ON {table} {each} EXECUTE FUNCTION {function}()"
    )
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name}")
