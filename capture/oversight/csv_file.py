"""The audit trail as a CSV file: one line per changed item, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO

from capture.ledger.action_labels import Detail
from capture.oversight import reads
from capture.oversight.audit_presenter import TrailLine, TrailReader, list_lines

HEADER = (
    "position",
    "sealed_at",
    "at_utc",
    "at_local",
    "zone",
    "who",
    "role",
    "action",
    "what",
    "participant",
    "item",
    "label",
    "old",
    "new",
    "reason",
    "ledger_id",
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
IN_MEMORY = 1_000_000
CHUNK = 65_536


def write_csv(
    where: reads.TrailReading, filters: reads.TrailFilters, position: int, reader: TrailReader
) -> Iterator[bytes]:
    """Yield the filtered trail up to a position, oldest first; sent once all of it is written."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (`_chunks` closes it)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for rows in reads.list_rows_up_to(where, filters, position):
        known = reads.find_names(where.connection, where.study.slug, [row.fact for row in rows])
        for line in list_lines(rows, reader, known):
            writer.writerows(_list_cells(line))
    text.detach()
    file.seek(0)
    return _read_chunks(file)


def _read_chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def _list_cells(line: TrailLine) -> Iterator[Sequence[str]]:
    number, row = line.person.number if line.person else "", line.row
    before = (
        "" if line.position is None else str(line.position),
        line.sealed_at,
        row.utc,
        row.local,
        row.zone,
        row.who,
        row.role,
        row.action.value,
        row.what,
        number,
    )
    for detail in row.details or (Detail("", "", ""),):
        change = (detail.item, detail.label, detail.old, detail.new)
        cells = (*before, *change, row.reason, row.ledger_id)
        yield [make_harmless(cell) for cell in cells]


def make_harmless(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
