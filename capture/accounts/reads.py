"""Reading people: accounts, memberships with their dates, and the actor of today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM, Action, Actor, Grant, Role
from capture.accounts.tables import account as account_table
from capture.accounts.tables import membership, password
from capture.db import Words
from capture.problems import NotFound


@dataclass(frozen=True)
class Account:
    """One person who may sign in, as long as the state is active."""

    id: str
    email: str
    name: str
    state: str

    @property
    def is_active(self) -> bool:
        return self.state == "active"


@dataclass(frozen=True)
class Membership:
    """A role of one person in one study; dates are ISO text, both days included."""

    id: str
    study: str
    user: str
    role: Role
    sites: tuple[str, ...] | None
    masked: bool
    from_date: str
    to_date: str | None
    ended_at: str | None
    assigned_by: str

    def in_force(self, today: str) -> bool:
        begun_and_not_over = self.from_date <= today <= (self.to_date or today)
        return self.ended_at is None and begun_and_not_over

    def as_grant(self) -> Grant:
        sites = None if self.sites is None else frozenset(self.sites)
        return Grant(self.study, self.role, sites, self.masked)


@dataclass(frozen=True)
class Member:
    """A membership with the names that a page shows."""

    membership: Membership
    name: str
    email: str
    assigned_by: str


@dataclass(frozen=True)
class Password:
    """What is kept of a password."""

    hash: str
    changed_at: str
    must_change: bool


@dataclass(frozen=True)
class SiteName:
    """A site that a membership can be limited to."""

    slug: str
    name: str


SiteSource = Callable[[sa.Connection, str], Sequence[SiteName]]
_site_sources: list[SiteSource] = []


def register_site_source(source: SiteSource) -> SiteSource:
    """Register where a study's sites are read; sites belong to a later feature than people do."""
    _site_sources.append(source)
    return source


def list_sites_of_study(connection: sa.Connection, study: str) -> list[SiteName]:
    """Return the sites that a membership in this study may be limited to."""
    return [site for source in _site_sources for site in source(connection, study)]


def get_today() -> str:
    """Return the day that memberships are judged by: UTC's, one for all sites."""
    return clock.today("UTC").isoformat()


def get_account(connection: sa.Connection, user: str) -> Account:
    """One account. Raises NotFound."""
    account = _find_account(connection, _BY_ID, user)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def get_locked_account(connection: sa.Connection, user: str) -> Account:
    """The same, held until the transaction ends: one change of a person's roles at a time."""
    held = sa.select(account_table.c.id).where(account_table.c.id == user)
    connection.execute(held.with_for_update())
    return get_account(connection, user)


def find_account_by_email(connection: sa.Connection, email: str) -> Account | None:
    return _find_account(connection, _BY_EMAIL, make_plain_email(email))


def list_accounts(connection: sa.Connection) -> list[Account]:
    """Return every account, by name."""
    columns = account_table.c
    rows = connection.execute(
        sa.select(columns.id, columns.email, columns.name, columns.state).order_by(
            columns.name, columns.email
        )
    )
    return [Account(*row) for row in rows]


def make_plain_email(email: str) -> str:
    """E-mail addresses are compared without regard to case and to spaces around them."""
    return email.strip().casefold()


def find_password(connection: sa.Connection, user: str) -> Password | None:
    row = connection.execute(_PASSWORD, {"wanted": user}).one_or_none()
    return Password(*row) if row else None


def list_memberships(connection: sa.Connection, user: str) -> list[Membership]:
    """Return a person's memberships of all times and studies, oldest first."""
    return [make_membership(row) for row in connection.execute(_OF_USER, {"wanted": user})]


def list_led_sites(actor: Actor, study: str) -> frozenset[str] | None:
    """The sites whose memberships the actor gives, ends and sees; None for all of the study's."""
    if actor.kind == SYSTEM or any(grant.role is Role.ADMINISTRATOR for grant in actor.grants):
        return None
    return actor.sites_for(Action.ROLE_ASSIGN, study)


def is_within(sites: Iterable[str] | None, led: frozenset[str] | None) -> bool:
    """Return whether a membership's sites are all among those that somebody leads."""
    return led is None or (sites is not None and led.issuperset(sites))


def list_members(connection: sa.Connection, actor: Actor, study: str) -> list[Member]:
    """The memberships a study has had at the sites that the actor leads, as `list_all_members`."""
    led = list_led_sites(actor, study)
    return [
        member
        for member in list_all_members(connection, study)
        if is_within(member.membership.sites, led)
    ]


def list_all_members(connection: sa.Connection, study: str) -> list[Member]:
    """Every membership a study has had, by name of the person, oldest first; not for a page."""
    names = {account.id: account for account in list_accounts(connection)}
    members = [
        Member(
            held,
            names[held.user].name,
            names[held.user].email,
            names[held.assigned_by].name if held.assigned_by in names else "the system",
        )
        for held in _list_memberships(connection, membership.c.study == study)
        if held.user in names
    ]
    return sorted(members, key=lambda member: (member.name, member.membership.from_date))


def get_membership(
    connection: sa.Connection, actor: Actor, study: str, membership_id: str
) -> Membership:
    """One membership of a study at the sites that the actor leads. Raises NotFound."""
    memberships = _list_memberships(
        connection, (membership.c.study == study) & (membership.c.id == membership_id)
    )
    if not memberships or not is_within(memberships[0].sites, list_led_sites(actor, study)):
        raise NotFound("There is no such membership in this study, or it is not yours to see.")
    return memberships[0]


def list_studies_with_roles(connection: sa.Connection) -> list[str]:
    """Return every study in which somebody has or had a role."""
    statement = sa.select(membership.c.study).where(membership.c.study != SYSTEM).distinct()
    return sorted(connection.execute(statement).scalars())


def get_actor(connection: sa.Connection, person: Account) -> Actor:
    """Return the person with the grants in force today."""
    return make_actor(person, list_memberships(connection, person.id))


def make_actor(person: Account, memberships: Iterable[Membership]) -> Actor:
    """Return the same where the memberships were read already."""
    day = get_today()
    grants = tuple(held.as_grant() for held in memberships if held.in_force(day))
    return Actor(id=person.id, name=person.name, email=person.email, grants=grants)


def _find_account(
    connection: sa.Connection, statement: sa.Select[Any], wanted: str
) -> Account | None:
    row = connection.execute(statement, {"wanted": wanted}).one_or_none()
    return Account(*row) if row else None


def _list_memberships(connection: sa.Connection, condition: Any) -> list[Membership]:
    return [make_membership(row) for row in connection.execute(_MEMBERSHIPS.where(condition))]


def make_membership(row: Any) -> Membership:
    """Return a membership from a row that holds the table's columns under their own names."""
    return Membership(
        id=row.id,
        study=row.study,
        user=row.user,
        role=Role(row.role),
        sites=None if row.sites is None else tuple(row.sites),
        masked=row.masked,
        from_date=row.from_date,
        to_date=row.to_date,
        ended_at=row.ended_at,
        assigned_by=row.assigned_by,
    )


_MEMBERSHIPS = sa.select(membership).order_by(membership.c.from_date, membership.c.id)
_WANTED = sa.bindparam("wanted", type_=Words)
_OF_USER = _MEMBERSHIPS.where(membership.c.user == _WANTED)
_ACCOUNTS = sa.select(
    account_table.c.id, account_table.c.email, account_table.c.name, account_table.c.state
)
_BY_ID = _ACCOUNTS.where(account_table.c.id == _WANTED)
_BY_EMAIL = _ACCOUNTS.where(account_table.c.email == _WANTED)
_PASSWORD = sa.select(password.c.hash, password.c.changed_at, password.c.must_change).where(
    password.c.user == _WANTED
)
