"""The counters of a study, which every save keeps up to date: no row of data is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from capture.ledger.tables import counter

Counts = Mapping[tuple[str, str], int]
"""How many of each (site, name)."""


def counts(connection: sa.Connection, study: str) -> Counts:
    """Every counter of a study that is not zero; those of single visits are left out."""
    rows = connection.execute(
        sa.select(counter.c.site, counter.c.name, counter.c.n).where(
            counter.c.study == study,
            counter.c.n != 0,
            sa.not_(counter.c.name.startswith("visit.")),
        )
    )
    return {(site, name): n for site, name, n in rows}


def summed(found: Counts, name: str, sites: Collection[str] | None = None) -> int:
    """One counter over some sites, or over all."""
    return sum(
        n
        for (site, known), n in found.items()
        if known == name and (sites is None or site in sites)
    )
