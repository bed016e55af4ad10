"""The answers that count: what every reader of entries is given, and the only way to them.

An answer that is not asked, because a condition hides its item or no longer offers it, stays stored
and counts nowhere; so does every answer of a form marked as not done. Which answers are not asked
was worked out in the act that saved or changed them, and is stored in `flags`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from capture.entry.tables import entry

NOT_DONE = "not_done"


def list_answers(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The stored cells of an entry that count, by item."""
    if row["status"] == NOT_DONE:
        return {}
    doc: Mapping[str, Any] = row["doc"]
    not_asked = row["flags"]
    return {name: cell for name, cell in doc.items() if name not in not_asked} if not_asked else doc


def list_values(
    connection: sa.Connection, study: str, instrument: str, item: str
) -> Iterator[tuple[str, str, int, str]]:
    """Every value of one item that counts: participant, visit, occurrence, and the value as text.

    Read in the database, as a dashboard of many entries must.
    """
    value = entry.c.doc[(item, "v")].as_string()
    not_asked = sa.cast(entry.c.flags, sa.Text)
    forms = sa.select(
        entry.c.participant, entry.c.visit_slug, entry.c.occurrence, value, not_asked
    ).where(entry.c.study == study, entry.c.instrument == instrument, entry.c.status != NOT_DONE)
    for person, visit, occurrence, text, flags in connection.execute(forms):
        if text is not None and (flags == "[]" or item not in orjson.loads(flags)):
            yield person, visit, occurrence, str(text)
