"""The trail in pages of the lines that its reader may see."""

from __future__ import annotations

from dataclasses import dataclass

from capture.oversight import reads
from capture.oversight.audit_presenter import TrailLine, TrailReader, list_lines


@dataclass(frozen=True)
class TrailPage:
    """One page of lines, newest first."""

    lines: tuple[TrailLine, ...]
    has_newer: bool
    has_older: bool


def get_page(
    where: reads.TrailReading,
    filters: reads.TrailFilters,
    reader: TrailReader,
    *,
    before: str = "",
    after: str = "",
) -> TrailPage:
    """Return the lines older than a ledger row, newer than one, or without either the newest.

    Rows that the reader may not see are skipped: a shorter page, or a page that begins after such a
    row, would reveal that they exist, and so an arm.
    """
    upwards, edge = bool(after), after or before
    found: list[TrailLine] = []
    is_last = False
    while len(found) <= reads.PER_PAGE and not is_last:
        rows = reads.list_rows_beside(where, filters, edge, upwards=upwards)
        known = reads.find_names(where.connection, where.study.slug, [row.fact for row in rows])
        found += list_lines(rows, reader, known)
        is_last = len(rows) <= reads.PER_PAGE
        edge = edge if is_last else rows[-1].fact.id
    shown, is_more = found[: reads.PER_PAGE], len(found) > reads.PER_PAGE
    return TrailPage(
        tuple(reversed(shown) if upwards else shown),
        has_newer=is_more if upwards else bool(before),
        has_older=upwards or is_more,
    )
