"""The use of the lists of a randomisation: for the unblinded statistician alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

import sqlalchemy as sa

from capture import clock
from capture.ledger.concealment import Concealment
from capture.randomisation import reads
from forms.definition import Study
from randomiser import BlockTrace, Design, list_name, list_places, make_draw

RECENT = timedelta(days=90)
"""The period over which the rate is calculated that forecasts the end of a list."""
LOW = 5
"""A list is low when one row in so many, or fewer, are left."""


@dataclass(frozen=True)
class ListState:
    """The use of one list; it never says what is left in a block.

    is_active: of the design version in force.
    used:      the number of places used.
    places:    the number of places; None for a list without end.
    in_block:  the places used of an unfinished last block; 0 where none is unfinished.
    runs_out:  the day on which the last row would be used at the recent rate; None without one.
    """

    design_version: int
    is_active: bool
    levels: tuple[str, ...]
    used: int
    places: int | None = None
    in_block: int = 0
    runs_out: date | None = None

    @property
    def left(self) -> int | None:
        """The number of rows left; None for a list without end."""
        return None if self.places is None else self.places - self.used

    @property
    def is_low(self) -> bool:
        """Whether the list is in force and has a fifth of its rows or less left."""
        if not self.is_active or self.places is None or self.left is None:
            return False
        return self.left * LOW <= self.places


def list_list_states(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> list[ListState]:
    """List the lists in use by design version and levels; all lists of an uploaded design."""
    used = dict(reads.list_use(connection, study.slug, name))
    active = reads.find_active_version(connection, study.slug, name)
    found = [_make_former_state(key, used[key]) for key in used if not _is_of(active, key)]
    if active is not None:
        opened = reads.get_opened_design(connection, concealment, study.slug, active.id)
        mine = {key: taken for key, taken in used.items() if _is_of(active, key)}
        mine = {**dict.fromkeys(_list_uploaded_names(opened.design), 0), **mine}
        rates = _rates(connection, study, name)
        found += [_list_current(opened, key, mine[key], rates) for key in mine]
    return sorted(found, key=lambda state: (state.design_version, state.levels))


def list_low_lists(
    connection: sa.Connection, concealment: Concealment, study: Study, name: str
) -> list[ListState]:
    """List the lists in force of which a fifth or less is left."""
    active = reads.find_active_version(connection, study.slug, name)
    if active is None:
        return []
    design = reads.get_design(connection, concealment, study.slug, active.id)
    if not design.lists and not design.people:
        return []
    return [
        state for state in list_list_states(connection, concealment, study, name) if state.is_low
    ]


def _is_of(version: reads.DesignVersion | None, name: str) -> bool:
    return version is not None and json.loads(name)[1] == version.number


def _make_former_state(name: str, used: int) -> ListState:
    _name, version, codes = json.loads(name)
    return ListState(version, is_active=False, levels=tuple(codes), used=used)


def _list_uploaded_names(design: Design) -> Iterator[str]:
    for uploaded in design.lists:
        yield list_name(design.randomisation, design.version, uploaded.levels)


def _list_current(
    opened: reads.ConcealedVersion, name: str, used: int, rates: Mapping[str, float]
) -> ListState:
    _name, version, codes = json.loads(name)
    places = _places(opened.design, tuple(codes))
    left, rate = None if places is None else places - used, rates.get(name, 0)
    return ListState(
        version,
        is_active=True,
        levels=tuple(codes),
        used=used,
        places=places,
        in_block=_in_block(opened, name, used),
        runs_out=clock.now().date() + timedelta(days=left / rate) if left and rate else None,
    )


def _places(design: Design, codes: tuple[str, ...]) -> int | None:
    for uploaded in design.lists:
        if uploaded.levels == codes:
            return len(uploaded.arms)
    return 0 if design.lists else design.people or None


def _in_block(opened: reads.ConcealedVersion, name: str, used: int) -> int:
    """Return the number of places used of an unfinished last block, by deriving the list again."""
    if not opened.design.sizes or not used:
        return 0
    places = list_places(opened.design, name, make_draw(opened.key))
    last = next(islice(places, used - 1, None)).trace
    if not isinstance(last, BlockTrace) or last.place == last.size:
        return 0
    return last.place


def _rates(connection: sa.Connection, study: Study, name: str) -> dict[str, float]:
    """Return allocations a day of each list, over the last 90 days or since its first one."""
    now = clock.now()
    moments: dict[str, list[str]] = {}
    for listed, at in reads.list_allocation_moments(connection, study.slug, name):
        moments.setdefault(listed, []).append(at)
    found = {}
    for listed, instants in moments.items():
        since = max(clock.from_text(min(instants)), now - RECENT)
        recent = sum(clock.from_text(instant) >= since for instant in instants)
        found[listed] = recent / max(1, (now - since).days)
    return found
