"""Where rows come from: the ledger folded up to a position, or tables where they are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from capture.access import Action
from capture.db import metadata
from capture.export.participant_record import TABLES
from capture.ledger import reads as ledger_reads
from capture.ledger.concealment import Concealment
from capture.ledger.fold import Change, StateRow
from capture.ledger.payloads import open_body
from capture.ledger.tables import ledger, ledger_body, seal, unsealed
from capture.participants.records import Status

WHOLE = ("site", "study_version")
"""The folded tables of the study as a whole, of no participant."""

SCREENING = "screening_number"

CHUNK = 100
"""Participants read at once: some tens of megabytes at most."""

Selected = TypeVar("Selected", bound=tuple[Any, ...])
Rows = Mapping[str, Sequence[StateRow]]
"""The rows of one participant, by table."""


class ArrowSource(Protocol):
    """The state of a study at one position."""

    def whole_study(self) -> Rows:
        """Return the rows that belong to no participant: tables `site` and `study_version`."""
        ...

    def people(self, sites: frozenset[str] | None) -> Iterator[Rows]:
        """Yield each participant's rows, by site and screening number in code point order."""
        ...


def get_source(
    connection: sa.Connection, concealment: Concealment, study: str, position: int
) -> ArrowSource:
    """Return the source of a study's state at a sealed position.

    The tables are read only when the position is the ledger's end in this connection's snapshot:
    then they equal the fold, as `verify` proves.
    """
    if _is_end(connection, study, position):
        return TableSource(connection, study)
    return LedgerSource(connection, concealment, study, position)


def _is_end(connection: sa.Connection, study: str, position: int) -> bool:
    waiting = sa.select(unsealed.c.sequence).where(unsealed.c.study == study).limit(1)
    last = sa.select(sa.func.max(seal.c.position)).where(seal.c.study == study)
    is_sealed = connection.execute(waiting).first() is None
    return is_sealed and connection.execute(last).scalar() == position


PERSON_ACTIONS = (
    Action.PARTICIPANT_SCREEN,
    Action.PARTICIPANT_RENUMBER,
    Action.PARTICIPANT_TRANSFER,
    Action.PARTICIPANT_MARK_IN_ERROR,
    Action.PARTICIPANT_REINSTATE,
)
"""The actions that change who takes part, where and under which screening number."""


@dataclass
class _ListedPerson:
    """One person after those actions."""

    site: str = ""
    number: str = ""
    is_struck: bool = False

    def learn(self, action: Action, body: Mapping[str, Change]) -> None:
        if action is Action.PARTICIPANT_SCREEN:
            self.site, self.number = body["site"].new, body[SCREENING].new
        elif action is Action.PARTICIPANT_TRANSFER:
            self.site = body["site"].new
        elif action is Action.PARTICIPANT_RENUMBER and body["kind"].new == SCREENING:
            self.number = body["number"].new
        elif action in (Action.PARTICIPANT_MARK_IN_ERROR, Action.PARTICIPANT_REINSTATE):
            self.is_struck = action is Action.PARTICIPANT_MARK_IN_ERROR


class LedgerSource:
    """State as a fold of the ledger up to a position, participant by participant."""

    def __init__(
        self, connection: sa.Connection, concealment: Concealment, study: str, position: int
    ) -> None:
        self._connection = connection
        self._concealment = concealment
        self._study = study
        self._position = position

    def whole_study(self) -> Rows:
        statement = (
            self._limit_to_position(sa.select(ledger.c.subject).distinct())
            .where((ledger.c.subject == "study") | ledger.c.subject.startswith("site/"))
            .order_by(ledger.c.subject)
        )
        subjects = list(self._connection.execute(statement).scalars())
        states = list(self._list_rows(WHOLE, subjects).values())
        return {name: [row for state in states for row in state[name]] for name in WHOLE}

    def people(self, sites: frozenset[str] | None) -> Iterator[Rows]:
        people = sorted(self._list_people())
        subjects = [subject for site, _, subject in people if sites is None or site in sites]
        for start in range(0, len(subjects), CHUNK):
            chunk = subjects[start : start + CHUNK]
            rows = self._list_rows(TABLES, chunk)
            yield from (rows[subject] for subject in chunk)

    def _list_people(self) -> Iterator[tuple[str, str, str]]:
        """Site, screening number and ledger subject of everybody who counts at the position."""
        columns = (ledger.c.id, ledger.c.subject, ledger.c.action, ledger_body.c.body)
        statement: sa.Select[Any] = (
            self._limit_to_position(sa.select(*columns))
            .join(ledger_body, ledger_body.c.ledger_id == ledger.c.id)
            .where(ledger.c.action.in_([action.value for action in PERSON_ACTIONS]))
            .order_by(seal.c.position)
        )
        people: dict[str, _ListedPerson] = {}
        for row in self._connection.execute(statement):
            body = open_body(row.body, row.id, self._concealment)
            people.setdefault(row.subject, _ListedPerson()).learn(Action(row.action), body)
        for subject, person in people.items():
            if not person.is_struck:
                yield person.site, person.number, subject

    def _list_rows(self, tables: Sequence[str], chunk: Sequence[str]) -> dict[str, Rows]:
        """Return the rows of some ledger subjects, by subject."""
        states = ledger_reads.list_states(
            self._connection,
            self._concealment,
            self._study,
            up_to=self._position,
            subjects=chunk,
        )
        return {state.subject: {name: state.rows(name) for name in tables} for state in states}

    def _limit_to_position(self, statement: sa.Select[Selected]) -> sa.Select[Selected]:
        return statement.join(seal, seal.c.ledger_id == ledger.c.id).where(
            ledger.c.study == self._study, seal.c.position <= self._position
        )


class TableSource:
    """State as stored in the tables, in one snapshot."""

    def __init__(self, connection: sa.Connection, study: str) -> None:
        self._connection = connection
        self._study = study

    def whole_study(self) -> Rows:
        return {
            name: [row for _, rows in self._group_rows(name, None) for row in rows]
            for name in WHOLE
        }

    def people(self, sites: frozenset[str] | None) -> Iterator[Rows]:
        person = metadata.tables["participant"]
        statement = (
            sa.select(person.c.site, person.c.subject)
            .where(person.c.study == self._study, person.c.status != Status.IN_ERROR.value)
            .order_by(person.c.site, person.c.screening_number)
        )
        people = self._connection.execute(statement).all()
        subjects = [row.subject for row in people if sites is None or row.site in sites]
        for start in range(0, len(subjects), CHUNK):
            chunk = subjects[start : start + CHUNK]
            tables = {name: dict(self._group_rows(name, chunk)) for name in TABLES}
            for subject in chunk:
                yield {name: tables[name].get(subject, []) for name in TABLES}

    def _group_rows(
        self, table: str, chunk: Sequence[str] | None
    ) -> Iterator[tuple[str, list[StateRow]]]:
        source = metadata.tables[table]
        statement = sa.select(source).where(source.c.study == self._study)
        if chunk is not None:
            statement = statement.where(source.c.subject.in_(chunk))
        found = self._connection.execute(statement.order_by(source.c.subject, source.c.id))
        rows = (dict(row) for row in found.mappings())
        for subject, group in groupby(rows, key=lambda row: str(row["subject"])):
            yield subject, list(group)
