"""Which versions of a study are published, and which one is in force."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import SYSTEM, Action, Actor
from capture.db import Words, read_once
from capture.ledger.tables import ledger
from capture.problems import NotFound
from capture.study import tables

TEST, LIVE, SUPERSEDED = "test", "live", "superseded"


@dataclass(frozen=True)
class StudyVersion:
    """One immutable published definition. published_at, approved_at: instants in UTC."""

    study: str
    number: int
    label: str
    state: str
    sha256: str
    title: str
    published_at: str
    published_by: str
    approved_by: str | None = None
    approved_at: str | None = None

    @property
    def id(self) -> str:
        return f"{self.study}/{self.number}"


@dataclass(frozen=True)
class StudyLine:
    """A study in a list; `version` is None while nothing is published under the name."""

    study: str
    version: StudyVersion | None

    @property
    def title(self) -> str:
        return self.version.title if self.version else self.study


def list_versions(connection: sa.Connection, study: str) -> list[StudyVersion]:
    """All published versions, newest first."""
    table = tables.study_version
    rows = connection.execute(
        sa.select(table).where(table.c.study == study).order_by(table.c.number.desc())
    )
    return [_make_version(row) for row in rows.mappings()]


def get_version_in_force(connection: sa.Connection, study: str) -> StudyVersion:
    """The version that pages use: the live one, or while none is live the newest in test.

    Raises NotFound when nothing is published under this name.
    """
    version = read_once(connection, ("version", study), lambda: _select_in_force(connection, study))
    if version is None:
        raise NotFound(f"No study {study!r} is published here. Check the address.")
    return version


_IN_FORCE = (
    sa.select(tables.study_version)
    .where(
        tables.study_version.c.study == sa.bindparam("study", type_=Words),
        sa.or_(tables.study_version.c.state == LIVE, tables.study_version.c.state == TEST),
    )
    # "live" sorts before "test"
    .order_by(tables.study_version.c.state, tables.study_version.c.number.desc())
    .limit(1)
)


def _select_in_force(connection: sa.Connection, study: str) -> StudyVersion | None:
    row = connection.execute(_IN_FORCE, {"study": study}).mappings().one_or_none()
    return None if row is None else _make_version(row)


def get_version_number(connection: sa.Connection, study: str) -> int:
    """The number of the version in force, which every ledger row names. Raises NotFound."""
    return get_version_in_force(connection, study).number


def get_version(connection: sa.Connection, study: str, number: int) -> StudyVersion:
    """One version by its number, in force or not. Raises NotFound."""
    table = tables.study_version
    row = connection.execute(
        sa.select(table).where(table.c.study == study, table.c.number == number)
    ).mappings()
    version = row.one_or_none()
    if version is None:
        raise NotFound(f"The study {study!r} has no version {number}.")
    return _make_version(version)


def get_state(connection: sa.Connection, study: str) -> str:
    """Whether the study is live or in test. Raises NotFound."""
    return get_version_in_force(connection, study).state


def list_studies(connection: sa.Connection, actor: Actor) -> list[StudyLine]:
    """The studies an actor has any role in, by name; for the system every published one."""
    table = tables.study_version
    rows = connection.execute(
        sa.select(table)
        .where(table.c.state.in_((LIVE, TEST)))
        .order_by(table.c.study, table.c.state.desc(), table.c.number)
    )
    in_force = {row["study"]: _make_version(row) for row in rows.mappings()}
    granted = actor.studies_for(Action.PAGE_VIEW) - {SYSTEM}
    names = in_force.keys() if actor.kind == SYSTEM else granted
    return [StudyLine(name, in_force.get(name)) for name in sorted(names)]


def has_test_data(connection: sa.Connection, study: str) -> bool:
    """Whether the study has participants or active keys; ask while it is in test."""
    about_participants = ledger.c.subject.startswith("participant/")
    activated = ledger.c.action == Action.RANDOMISATION_ACTIVATE.value
    statement = sa.select(ledger.c.id).where(
        ledger.c.study == study,
        about_participants | activated,
        ledger.c.action != Action.ACCESS_DENY.value,
    )
    return connection.execute(statement.limit(1)).one_or_none() is not None


def _make_version(row: sa.RowMapping) -> StudyVersion:
    left_out = ("id", "subject")
    return StudyVersion(**{name: value for name, value in row.items() if name not in left_out})
