"""The counters of a study, which every save keeps up to date: no row of data is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from capture.ledger.tables import counter

Counts = Mapping[tuple[str, str], int]
"""How many of each (site, name)."""


def list_counts(connection: sa.Connection, study: str, *kinds: str) -> Counts:
    """The counters of a study that are not zero. kinds: what their names begin with."""
    of_kind = (counter.c.name.startswith(f"{kind}.", autoescape=True) for kind in kinds)
    rows = connection.execute(
        sa.select(counter.c.site, counter.c.name, counter.c.n).where(
            counter.c.study == study, counter.c.n != 0, sa.or_(sa.false(), *of_kind)
        )
    )
    return {(site, name): n for site, name, n in rows}


def count_total(found: Counts, name: str, sites: Collection[str] | None = None) -> int:
    """One counter over some sites, or over all."""
    return sum(
        n
        for (site, known), n in found.items()
        if known == name and (sites is None or site in sites)
    )
