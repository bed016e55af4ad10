"""A redacted value leaves the drafts of its entry and the forms kept about its participant too."""

from __future__ import annotations

import sqlalchemy as sa

from capture.accounts import kept_forms
from capture.entry.tables import draft, entry
from capture.ledger.service import Transaction
from capture.oversight.service import FORGET_COPIES


def forget_drafts(tx: Transaction, entry_id: str) -> None:
    """Drop whatever anybody typed and left at the place of an entry, or sent in vain."""
    place = (entry.c.participant, entry.c.visit_slug, entry.c.occurrence, entry.c.instrument)
    same = [draft.c[column.name] == column for column in (*place, entry.c.instance)]
    here = sa.select(draft.c.id).join(entry, sa.and_(*same)).where(entry.c.id == entry_id)
    tx.connection.execute(draft.delete().where(draft.c.id.in_(here)))
    person = sa.select(entry.c.participant).where(entry.c.id == entry_id)
    kept_forms.forget_about(tx.connection, tx.connection.execute(person).scalar_one())


FORGET_COPIES.append(forget_drafts)
