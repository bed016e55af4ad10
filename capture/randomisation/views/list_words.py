"""What the unblinded statistician reads about the lists of a design."""

from __future__ import annotations

from capture.parts import SummaryRow
from randomiser import Design, order_hash


def list_rows(known: Design) -> list[SummaryRow]:
    """An uploaded list: how much there is of it, and the hashes to compare with one's own."""
    rows = sum(len(one.arms) for one in known.lists)
    return [
        SummaryRow("Uploaded list", f"{rows} rows in {len(known.lists)} strata"),
        SummaryRow("SHA-256 of the file", known.file_hash),
        SummaryRow("SHA-256 of the order", order_hash(known)),
    ]
