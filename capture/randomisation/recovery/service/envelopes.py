"""Envelopes for a site without network: printed from lists of their own, opened or destroyed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from capture import clock, ids
from capture.access import Action, Actor
from capture.ledger.concealment import Concealment
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, NotFound, Refused
from capture.randomisation import reads
from capture.randomisation.designs.service.designs import (
    refuse_unless_fitting,
    refuse_unless_in_force,
)
from capture.randomisation.tables import allocation, envelope
from capture.study import reads as study_reads
from capture.study.service.turns import take_turn
from forms.definition import Study
from randomiser import envelope_list, envelope_places, make_draw

MOST_AT_ONCE = 50
MOST_OF_A_SITE = 500
LONGEST_WORDS = 500
SHOWN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class PrintedEnvelopes:
    """An envelope with its arm: only for the user who prints it, within the hour."""

    label: str
    site: str
    arm: str


@dataclass(frozen=True)
class Envelope:
    """An envelope without its arm, for every user with access to envelopes."""

    id: str
    design_version: int
    site: str
    number: int
    printed_by: str
    printed_at: str
    destroyed_at: str | None
    opened_by_participant: str | None
    opened_on: str | None

    @property
    def label(self) -> str:
        return make_label(self.design_version, self.number)

    @property
    def is_unused(self) -> bool:
        return self.opened_by_participant is None and self.destroyed_at is None


def make_label(design_version: int, number: int) -> str:
    """Return the number on the paper: design version and position in the site's list."""
    return f"{design_version}-{number}"


def print_envelopes(
    tx: Transaction, study: Study, study_version: int, name: str, *, site: str, count: str
) -> str:
    """Record the next envelopes of a site; return the batch that may be printed now.

    They come from a list of the site's own under the design's key, never from a live list.
    Raises InvalidInput (site, count), Refused.
    """
    act = tx.about(f"randomisation/{name}", study=study.slug, study_version=study_version).require(
        Action.ENVELOPE_PRINT
    )
    opened = reads.find_locked_active_design(tx.connection, tx.concealment, study.slug, name)
    if opened is None or reads.find_open_halt(tx.connection, study.slug, name):
        raise Refused("Randomisation is not active, so there is no list to print from.")
    refuse_unless_in_force(tx, study, study_version)
    refuse_unless_fitting(study.randomisation(name), opened.design)
    _check_site(tx, study, site)
    first = _get_next_number(tx.connection, study.slug, name, opened.version.number, site)
    last = first + _read_count(count) - 1
    if last > MOST_OF_A_SITE:
        raise InvalidInput("count", f"A site can have {MOST_OF_A_SITE} envelopes of a version.")
    places = islice(envelope_places(opened.design, site, make_draw(opened.key)), last)
    if (held := sum(1 for _ in places)) < last:
        raise InvalidInput("count", f"The site's envelope list has {held} places in all.")
    batch = ids.new_id()
    act.record(
        Action.ENVELOPE_PRINT,
        {
            "id": batch,
            "site": site,
            "design_version": opened.version.number,
            "first": first,
            "last": last,
        },
    )
    return batch


def _check_site(tx: Transaction, study: Study, site: str) -> None:
    try:
        study_reads.get_site(tx.connection, study.slug, site)
    except NotFound as problem:
        raise InvalidInput("site", "Choose the site.") from problem


def _read_count(count: str) -> int:
    is_number = count.isascii() and count.isdigit() and len(count) <= 3
    if not is_number or not 1 <= int(count) <= MOST_AT_ONCE:
        raise InvalidInput("count", f"Give a whole number from 1 to {MOST_AT_ONCE}.")
    return int(count)


def _get_next_number(
    connection: sa.Connection, study: str, name: str, version: int, site: str
) -> int:
    highest = connection.execute(
        sa.select(sa.func.max(envelope.c.number)).where(
            envelope.c.study == study,
            envelope.c.randomisation == name,
            envelope.c.design_version == version,
            envelope.c.site == site,
        )
    ).scalar()
    return (highest or 0) + 1


def list_printed_batch(
    connection: sa.Connection, concealment: Concealment, actor: Actor, study: Study, batch: str
) -> Sequence[PrintedEnvelopes]:
    """List the envelopes of a batch with their arms, for the user who recorded it, within the hour.

    Opened envelopes are left out: after a restore one may be recorded as opened before it is
    printed again. Raises NotFound for other users and later; print others, under new numbers.
    """
    rows = connection.execute(
        sa.select(envelope)
        .where(envelope.c.study == study.slug, envelope.c.batch == batch)
        .order_by(envelope.c.number)
    ).all()
    since = clock.as_text(clock.now() - SHOWN_FOR)
    if not rows or rows[0].printed_by != actor.id or rows[0].printed_at < since:
        raise NotFound("These envelopes cannot be printed any more. Print others.")
    version_id = f"{rows[0].randomisation}/{rows[0].design_version}"
    opened = reads.get_opened_design(connection, concealment, study.slug, version_id)
    randomisation, site = study.randomisation(rows[0].randomisation), rows[0].site
    known = list_envelopes(connection, study.slug, randomisation.name, site)
    unused = {printed.id for printed in known if printed.is_unused}
    if unused.isdisjoint(row.id for row in rows):
        raise NotFound("All of these envelopes are opened or destroyed. Print others.")
    held = list(
        islice(envelope_places(opened.design, site, make_draw(opened.key)), rows[-1].number)
    )
    return [
        PrintedEnvelopes(
            make_label(row.design_version, row.number),
            site,
            randomisation.arm(held[row.number - 1].arm).label,
        )
        for row in rows
        if row.id in unused
    ]


def list_envelopes(
    connection: sa.Connection, study: str, name: str, site: str | None = None
) -> list[Envelope]:
    """List the envelopes of a randomisation, by design version, site and number."""
    wanted = (envelope.c.study == study) & (envelope.c.randomisation == name)
    if site is not None:
        wanted &= envelope.c.site == site
    order = (envelope.c.design_version, envelope.c.site, envelope.c.number)
    rows = connection.execute(sa.select(envelope).where(wanted).order_by(*order)).all()
    lists = {_get_list_name(study, row) for row in rows}
    used = _list_used_places(connection, study, lists)
    return [_make_envelope(row, used.get((_get_list_name(study, row), row.number))) for row in rows]


def _get_list_name(study: str, row: Any) -> str:
    return envelope_list(f"{study}/{row.randomisation}", row.design_version, row.site)


def _list_used_places(
    connection: sa.Connection, study: str, lists: Collection[str]
) -> dict[tuple[str, int], Any]:
    rows = connection.execute(
        sa.select(
            allocation.c.list_name,
            allocation.c.list_position,
            allocation.c.participant,
            allocation.c.local_date,
        ).where(allocation.c.study == study, allocation.c.list_name.in_(sorted(lists)))
    )
    return {(row.list_name, row.list_position): row for row in rows}


def _make_envelope(row: Any, taken: Any | None) -> Envelope:
    return Envelope(
        id=row.id,
        design_version=row.design_version,
        site=row.site,
        number=row.number,
        printed_by=row.printed_by,
        printed_at=row.printed_at,
        destroyed_at=row.destroyed_at,
        opened_by_participant=taken.participant if taken else None,
        opened_on=taken.local_date if taken else None,
    )


def list_skipped(known: Sequence[Envelope]) -> Iterator[Envelope]:
    """Yield the unused envelopes of which a later one of the same list was opened."""
    for envelope_here in known:
        later = (
            other.number > envelope_here.number and other.opened_by_participant is not None
            for other in known
            if (other.design_version, other.site)
            == (envelope_here.design_version, envelope_here.site)
        )
        if envelope_here.is_unused and any(later):
            yield envelope_here


def record_destruction(tx: Transaction, study: str, name: str, *, site: str, words: str) -> int:
    """Record that the unused envelopes of a site were destroyed; return the number.

    words: who destroyed them, and where that is documented. Raises InvalidInput, Refused.
    """
    act = tx.about(f"randomisation/{name}", study=study).require(Action.ENVELOPE_DESTROY)
    take_turn(tx, study)  # no envelope can be opened meanwhile
    if not 1 <= len(words.strip()) <= LONGEST_WORDS:
        raise InvalidInput(
            "words",
            f"Say who destroyed them and where it is documented, in {LONGEST_WORDS} letters.",
        )
    unused = [
        held.id for held in list_envelopes(tx.connection, study, name, site) if held.is_unused
    ]
    if not unused:
        raise InvalidInput("destroyed_site", "This site has no unused envelope.")
    act.record(Action.ENVELOPE_DESTROY, {"site": site, "envelopes": unused}, reason=words.strip())
    return len(unused)
