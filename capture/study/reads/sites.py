"""A study's sites as they stand: dates, attributes, delegates and consent versions in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from capture.access import SYSTEM, Action, Actor
from capture.accounts.reads import SiteName, register_site_source
from capture.db import Words, read_once
from capture.problems import NotFound
from capture.study import tables


@dataclass(frozen=True)
class AttributeValue:
    """What a site attribute is from a date (ISO) on."""

    name: str
    value: str
    from_date: str


@dataclass(frozen=True)
class Site:
    """A place that takes part; dates are ISO texts in its own zone."""

    study: str
    slug: str
    name: str
    country: str
    zone: str
    open_from: str | None
    closed_from: str | None
    attributes: tuple[AttributeValue, ...]
    target: int | None
    target_by: str | None = None

    @property
    def id(self) -> str:
        return f"{self.study}/{self.slug}"

    def is_open(self, on: str) -> bool:
        """Whether participants may join here on a date (ISO)."""
        started = self.open_from is not None and self.open_from <= on
        return started and (self.closed_from is None or on < self.closed_from)

    def attributes_on(self, on: str) -> dict[str, str]:
        """The code of each attribute on a date (ISO); one not set by then is left out."""
        past = (value for value in self.attributes if value.from_date <= on)
        return {
            attribute.name: attribute.value
            for attribute in sorted(past, key=lambda value: value.from_date)
        }


@dataclass(frozen=True)
class Delegate:
    """An investigator who may confirm eligibility at a site; ISO dates, the last day included."""

    id: str
    site: str
    name: str
    role_note: str
    from_date: str
    to_date: str | None

    def is_in_force(self, on: str) -> bool:
        return self.from_date <= on and (self.to_date is None or on <= self.to_date)


@dataclass(frozen=True)
class ConsentApproval:
    """A version of a consent form that a site may use from a date (ISO) on."""

    site: str
    scope: str
    version: str
    from_date: str


def list_sites(connection: sa.Connection, actor: Actor, study: str) -> list[Site]:
    """The study's sites that an actor has a role at, by name."""
    visible = None if actor.kind == SYSTEM else actor.sites_for(Action.PAGE_VIEW, study)
    return [
        site
        for site in list_all_sites(connection, study)
        if visible is None or site.slug in visible
    ]


def list_all_sites(connection: sa.Connection, study: str) -> list[Site]:
    """Every site of the study, by name, whoever asks; not for a page."""
    sites = read_once(connection, ("sites", study), lambda: _select_sites(connection, study))
    for site in sites:
        read_once(connection, ("site", study, site.slug), partial(_get_given_site, site))
    return list(sites)


def _get_given_site(site: Site) -> Site:
    return site


_OF_STUDY = sa.select(tables.site).where(tables.site.c.study == sa.bindparam("study", type_=Words))
_ALL = _OF_STUDY.order_by(tables.site.c.name, tables.site.c.slug)
_ONE = _OF_STUDY.where(tables.site.c.slug == sa.bindparam("slug", type_=Words))


def _select_sites(connection: sa.Connection, study: str) -> list[Site]:
    return [_make_site(row) for row in connection.execute(_ALL, {"study": study}).mappings()]


@register_site_source
def list_site_names(connection: sa.Connection, study: str) -> list[SiteName]:
    """The sites that a person's role in the study may be limited to."""
    return [SiteName(site.slug, site.name) for site in list_all_sites(connection, study)]


def get_site(connection: sa.Connection, study: str, slug: str) -> Site:
    """One site. Raises NotFound."""
    site = read_once(
        connection, ("site", study, slug), lambda: _select_site(connection, study, slug)
    )
    if site is None:
        raise NotFound(f"The study {study!r} has no site {slug!r}.")
    return site


def _select_site(connection: sa.Connection, study: str, slug: str) -> Site | None:
    row = connection.execute(_ONE, {"study": study, "slug": slug}).mappings().one_or_none()
    return None if row is None else _make_site(row)


def get_visible_site(connection: sa.Connection, actor: Actor, study: str, slug: str) -> Site:
    """One site that the actor has a role at. Raises NotFound for any other."""
    for site in list_sites(connection, actor, study):
        if site.slug == slug:
            return site
    raise NotFound("There is no such site, or it is not yours to see.")


def list_delegates(
    connection: sa.Connection, study: str, site: str, on: str | None = None
) -> list[Delegate]:
    """Who may confirm eligibility at a site on a date (ISO), by name; without it all listed."""
    table = tables.delegation
    rows = connection.execute(
        sa.select(table)
        .where(table.c.study == study, table.c.site == site)
        .order_by(table.c.name, table.c.from_date, table.c.id)
    )
    columns = ("id", "site", "name", "role_note", "from_date", "to_date")
    delegates = [Delegate(**{name: row[name] for name in columns}) for row in rows.mappings()]
    return [delegate for delegate in delegates if on is None or delegate.is_in_force(on)]


def list_consent_approvals(
    connection: sa.Connection, study: str, site: str, on: str | None = None
) -> list[ConsentApproval]:
    """The consent versions a site may use on a date (ISO), oldest first; without a date all."""
    key = ("approvals", study, site)
    approvals = read_once(connection, key, lambda: _select_approvals(connection, study, site))
    return [approval for approval in approvals if on is None or approval.from_date <= on]


def read_all_approvals(connection: sa.Connection, study: str) -> None:
    """Read those of every site at once, for a page that goes on to ask for many."""
    by_site: dict[str, list[ConsentApproval]] = {
        site.slug: [] for site in list_all_sites(connection, study)
    }
    for row in connection.execute(_APPROVALS_OF_ALL, {"study": study}).mappings():
        by_site[row["site"]].append(_make_approval(row))
    for slug, approvals in by_site.items():
        read_once(connection, ("approvals", study, slug), partial(list, approvals))


def _select_approvals(connection: sa.Connection, study: str, site: str) -> list[ConsentApproval]:
    rows = connection.execute(_APPROVALS, {"study": study, "site": site})
    return [_make_approval(row) for row in rows.mappings()]


def _make_approval(row: sa.RowMapping) -> ConsentApproval:
    columns = ("site", "scope", "version", "from_date")
    return ConsentApproval(**{name: row[name] for name in columns})


_APPROVALS_OF_ALL = (
    sa.select(tables.consent_approval)
    .where(tables.consent_approval.c.study == sa.bindparam("study", type_=Words))
    .order_by(
        tables.consent_approval.c.scope,
        tables.consent_approval.c.from_date,
        tables.consent_approval.c.version,
    )
)
_APPROVALS = _APPROVALS_OF_ALL.where(
    tables.consent_approval.c.site == sa.bindparam("site", type_=Words)
)


def list_approved_versions(
    connection: sa.Connection, study: str, site: str, scope: str, on: str
) -> Sequence[str]:
    """The labels of a scope's versions in use at a site on a date (ISO), oldest first."""
    approvals = list_consent_approvals(connection, study, site, on)
    return [approval.version for approval in approvals if approval.scope == scope]


def _make_site(row: sa.RowMapping) -> Site:
    left_out = ("id", "subject", "attributes")
    plain = {name: value for name, value in row.items() if name not in left_out}
    attributes = (
        AttributeValue(attribute["name"], attribute["value"], attribute["from"])
        for attribute in row["attributes"]
    )
    return Site(**plain, attributes=tuple(attributes))
