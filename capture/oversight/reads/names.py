"""The names of participants, visits and people that rows of the trail refer to by id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from capture.access import Action, Actor
from capture.accounts.reads import list_accounts
from capture.ledger.fold import LedgerRow
from capture.participants.tables import participant, visit
from capture.problems import NotFound

MOST_FOUND = 200


@dataclass(frozen=True)
class NamedPerson:
    """A participant as the trail names one."""

    id: str
    number: str
    site: str


@dataclass(frozen=True)
class NameLookup:
    """Names by id; visits give their slug and occurrence."""

    people: Mapping[str, NamedPerson]
    visits: Mapping[str, tuple[str, int]]
    names: Mapping[str, str]

    def name(self, user: str) -> str:
        return self.names.get(user, user)


def find_names(connection: sa.Connection, study: str, facts: Collection[LedgerRow]) -> NameLookup:
    """Return the names of everything that some facts of a study refer to."""
    people = {get_person_id(fact) for fact in facts} - {""}
    visits = {str(fact.new("id")) for fact in facts if fact.action.value.startswith("visit.")}
    visits |= {str(fact.new("visit")) for fact in facts if fact.new("visit")}
    return NameLookup(
        people={
            person.id: person
            for person in _list_people(connection, study, participant.c.id.in_(people))
        },
        visits=_list_visits(connection, study, visits),
        names={account.id: account.name for account in list_accounts(connection)},
    )


def get_person_id(fact: LedgerRow) -> str:
    """The id of the participant that a fact is about, also of a redaction; blank for none."""
    kind, _, name = str(fact.new("about") or fact.subject).partition("/")
    return name if kind == "participant" else ""


def list_people_called(connection: sa.Connection, study: str, number: str) -> list[NamedPerson]:
    """Return the participants whose screening or participant number holds a text."""
    columns = (participant.c.screening_number, participant.c.participant_number)
    holds = sa.or_(*(column.icontains(number, autoescape=True) for column in columns))
    return _list_people(connection, study, holds)


def get_person_at(connection: sa.Connection, actor: Actor, study: str, pid: str) -> NamedPerson:
    """Return a participant whose values the actor may have redacted. Raises NotFound."""
    people = _list_people(connection, study, participant.c.id == pid)
    for person in people:
        if actor.may(Action.REDACTION_REQUEST, study, person.site):
            return person
    raise NotFound("There is no such participant at your sites.")


def _list_people(
    connection: sa.Connection, study: str, condition: sa.ColumnElement[bool]
) -> list[NamedPerson]:
    columns = participant.c
    rows: Iterable[sa.Row[tuple[str, str | None, str, str]]] = connection.execute(
        sa.select(columns.id, columns.participant_number, columns.screening_number, columns.site)
        .where(columns.study == study, condition)
        .order_by(columns.screening_number)
        .limit(MOST_FOUND)
    )
    return [
        NamedPerson(row.id, row.participant_number or row.screening_number, row.site)
        for row in rows
    ]


def _list_visits(
    connection: sa.Connection, study: str, ids: Collection[str]
) -> dict[str, tuple[str, int]]:
    rows = connection.execute(
        sa.select(visit.c.id, visit.c.slug, visit.c.occurrence).where(
            visit.c.study == study, visit.c.id.in_(ids)
        )
    )
    return {row.id: (row.slug, row.occurrence) for row in rows}
