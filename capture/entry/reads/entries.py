"""Entries as they stand: one instrument filled in for a participant each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from capture.db import Words
from capture.entry.reads.answers import list_answers
from capture.entry.tables import entry
from forms.evaluation_scope import Place
from forms.values import REDACTED, Cell

IN_PROGRESS, COMPLETE = "in_progress", "complete"


@dataclass(frozen=True)
class Entry:
    """One instrument filled in for a participant.

    cells: the answers that count. kept_cells: everything stored, also what is not asked any more;
    for the form itself, its history and whoever clears or moves its answers. flags: the items not
    asked that hold an answer.
    """

    id: str
    key: Place
    participant: str
    site: str
    visit: str | None
    version: int
    status: str
    cells: Mapping[str, Cell]
    kept_cells: Mapping[str, Cell]
    assessment_date: str | None
    study_version: int
    completed_at: str | None
    saved_at: str
    saved_by: str
    reason: str | None
    flags: Sequence[str]


def make_entry(row: Mapping[Any, Any]) -> Entry:
    kept = {name: make_cell(cell) for name, cell in row["doc"].items()}
    return Entry(
        id=row["id"],
        key=Place(row["visit_slug"], row["occurrence"], row["instrument"], row["instance"]),
        participant=row["participant"],
        site=row["site"],
        visit=row["visit"],
        version=row["version"],
        status=row["status"],
        cells={name: kept[name] for name in list_answers(row)},
        kept_cells=kept,
        assessment_date=row["assessment_date"],
        study_version=row["study_version"],
        completed_at=row["completed_at"],
        saved_at=row["saved_at"],
        saved_by=row["saved_by"],
        reason=row["reason"],
        flags=tuple(row["flags"]),
    )


def make_cell(stored: Mapping[str, Any]) -> Cell:
    """Make a cell from its stored form; a redacted one is missing with the reason `redacted`."""
    return Cell(missing=REDACTED) if REDACTED in stored else Cell.from_json(stored)


def list_entries(
    connection: sa.Connection, participant_id: str, instruments: Collection[str] | None = None
) -> dict[Place, Entry]:
    """The entries of one participant, of all instruments or of some, by key."""
    keys = {"participant": participant_id}
    rows = (
        connection.execute(_OF_ALL, keys)
        if instruments is None
        else connection.execute(
            _select_some(len(instruments)), {**keys, **_number_instruments(instruments)}
        )
    )
    entries = [make_entry(row) for row in rows.mappings()]
    return {entry.key: entry for entry in entries}


def list_entries_of_many(
    connection: sa.Connection, participants: Sequence[str]
) -> dict[str, dict[Place, Entry]]:
    """The entries of several participants at once, by participant and key."""
    found: dict[str, dict[Place, Entry]] = {participant: {} for participant in participants}
    rows = connection.execute(_OF_MANY, {"participants": list(participants)}).mappings()
    for row in rows:
        entry = make_entry(row)
        found[entry.participant][entry.key] = entry
    return found


def find_entry_at(connection: sa.Connection, participant_id: str, key: Place) -> Entry | None:
    """The entry of a participant at a place; None while nothing was saved there."""
    place = make_location_values(participant_id, key)
    row = connection.execute(_AT_PLACE, place).mappings()
    found = row.one_or_none()
    return make_entry(found) if found is not None else None


def find_entry(connection: sa.Connection, entry_id: str) -> Entry | None:
    """One entry by its id; the caller has looked its participant up."""
    statement = sa.select(entry).where(entry.c.id == entry_id)
    found = connection.execute(statement).mappings().one_or_none()
    return make_entry(found) if found is not None else None


def list_entries_by_id(connection: sa.Connection, ids: Collection[str]) -> dict[str, Entry]:
    """Entries by id; the caller has looked their participants up."""
    rows = connection.execute(_SOME, {"ids": sorted(ids)}).mappings() if ids else ()
    return {row["id"]: make_entry(row) for row in rows}


_SOME = sa.select(entry).where(entry.c.id.in_(sa.bindparam("ids", expanding=True)))


def list_statuses_at(connection: sa.Connection, participant_id: str, key: Place) -> dict[int, str]:
    """How far each instance of the place's instrument came at its visit, by instance."""
    rows = connection.execute(
        sa.select(entry.c.instance, entry.c.status).where(
            entry.c.participant == participant_id,
            entry.c.visit_slug == key.visit,
            entry.c.occurrence == key.occurrence,
            entry.c.instrument == key.instrument,
        )
    )
    return {row.instance: row.status for row in rows}


def make_location_values(participant_id: str, key: Place) -> dict[str, str | int]:
    """The values for a statement that looks at one place (see `is_place`)."""
    return {"participant": participant_id, **{name: getattr(key, name) for name in _KEY}}


_KEY = ("visit", "occurrence", "instrument", "instance")


def is_place(table: sa.Table) -> sa.ColumnElement[bool]:
    """That a row of entries or drafts belongs to a place given as values."""
    return sa.and_(
        table.c.participant == sa.bindparam("participant", type_=Words),
        table.c.visit_slug == sa.bindparam("visit", type_=Words),
        table.c.occurrence == sa.bindparam("occurrence", type_=sa.Integer),
        table.c.instrument == sa.bindparam("instrument", type_=Words),
        table.c.instance == sa.bindparam("instance", type_=sa.Integer),
    )


_AT_PLACE = sa.select(entry).where(is_place(entry))
_OF_ALL = (
    sa.select(entry)
    .where(entry.c.participant == sa.bindparam("participant", type_=Words))
    .order_by(entry.c.id)
)
_OF_MANY = (
    sa.select(entry)
    .where(entry.c.participant.in_(sa.bindparam("participants", expanding=True)))
    .order_by(entry.c.id)
)


@cache
def _select_some(count: int) -> sa.Select[Any]:
    names = [sa.bindparam(f"instrument_{number}", type_=Words) for number in range(count)]
    return _OF_ALL.where(sa.or_(sa.false(), *(entry.c.instrument == name for name in names)))


def _number_instruments(instruments: Collection[str]) -> dict[str, str]:
    return {f"instrument_{number}": name for number, name in enumerate(sorted(instruments))}
