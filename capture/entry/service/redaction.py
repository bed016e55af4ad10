"""Removes a redacted value from drafts and pending forms, and the bytes of a redacted file."""

from __future__ import annotations

import sqlalchemy as sa

from capture.accounts import pending_forms
from capture.entry.fold import ITEM
from capture.entry.tables import attached_file, draft, entry
from capture.ledger.fold import LedgerRow
from capture.ledger.reads import list_ledger_rows
from capture.ledger.service import Transaction
from capture.oversight.service import FORGET_COPIES, RedactionResult
from forms.values import attached_in


def forget_typing(tx: Transaction, gone: RedactionResult) -> None:
    """Delete every draft at the place of an entry, and the participant's pending forms."""
    place = (entry.c.participant, entry.c.visit_slug, entry.c.occurrence, entry.c.instrument)
    same = [draft.c[column.name] == column for column in (*place, entry.c.instance)]
    here = sa.select(draft.c.id).join(entry, sa.and_(*same)).where(entry.c.id == gone.entry)
    tx.connection.execute(draft.delete().where(draft.c.id.in_(here)))
    pending_forms.forget_about(tx.connection, gone.participant)


def forget_files(tx: Transaction, gone: RedactionResult) -> None:
    """Empty every file of the participant that the redacted ledger no longer names.

    So a file whose name repeated a redacted value is emptied too, wherever it was attached.
    """
    table = attached_file.c
    kept = tx.connection.execute(
        sa.select(table.id, table.entry, table.item, table.sha256).where(
            table.study == gone.study,
            table.participant == gone.participant,
            table.sha256.is_not(None),
        )
    ).all()
    if not kept:
        return
    about = f"participant/{gone.participant}"
    named = {
        place
        for fact in list_ledger_rows(tx.connection, tx.concealment, gone.study, subject=about)
        for place in _list_named_files(fact)
    }
    emptied = [row.id for row in kept if (row.entry, row.item, row.sha256) not in named]
    tx.connection.execute(
        attached_file.update()
        .where(table.id.in_(emptied))
        .values(sha256=None, size=None, bytes=None)
    )


def _list_named_files(fact: LedgerRow) -> list[tuple[str, str, str]]:
    """The files that a save names: entry, item and hash of each."""
    found = [
        (name.removeprefix(ITEM), attached_in(change.new.get("v")))
        for name, change in fact.body.items()
        if name.startswith(ITEM) and isinstance(change.new, dict)
    ]
    return [(str(fact.new("id")), item, file.sha256) for item, file in found if file]


FORGET_COPIES.extend((forget_typing, forget_files))
