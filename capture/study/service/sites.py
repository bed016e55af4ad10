"""Managing a study's sites: add, open, close, and their dated attributes and targets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from zoneinfo import available_timezones

from capture.access import Action
from capture.ledger.fold import Change
from capture.ledger.service import BoundAct, Transaction
from capture.problems import InvalidInput, Refused
from capture.study import reads
from capture.study.reads import Site
from capture.study.service.acts import bind_act
from capture.study.service.consents import record_approval
from capture.study.service.turns import take_turn
from forms.definition import Site as DeclaredSite
from forms.definition import SiteAttribute, Study

SLUG = re.compile(r"[a-z][a-z0-9_]{0,17}")
MAX_NAME = 200
MAX_TARGET = 100_000

START = "1900-01-01"
"""From when on an attribute holds that was given with the site itself."""


@dataclass(frozen=True)
class NewSite:
    """The data of a new site; attributes: code by name, in force from the start."""

    slug: str
    name: str
    zone: str
    country: str = ""
    target: int | None = None
    target_by: date | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def add_site(tx: Transaction, study: str, new: NewSite) -> Site:
    """Add a site, not open yet. Raises InvalidInput by field, NotFound, NotAllowed."""
    tx.role(Action.SITE_ADD, study, new.slug)
    take_turn(tx, study)
    definition = reads.get_definition_for(tx.connection, study)
    _check_new(tx, study, new)
    for name, code in new.attributes.items():
        _check_code(_get_attribute(definition, name), code)
    body = {
        "id": f"{study}/{new.slug}",
        "slug": new.slug,
        "name": new.name.strip(),
        "country": _find_country(definition, new.attributes) or new.country.strip(),
        "zone": new.zone,
        "attributes": [
            {"name": name, "value": code, "from": START} for name, code in new.attributes.items()
        ],
        "target": new.target,
        "target_by": _format_day(new.target_by),
    }
    _bind_site_act(tx, study, new.slug).record(Action.SITE_ADD, body)
    return reads.get_site(tx.connection, study, new.slug)


def open_site(tx: Transaction, study: str, slug: str, start: date) -> Site:
    """Let participants join at a site from a date on.

    Raises Refused while an attribute that the study reads of its sites is not set by that date, or
    when the site is open already; NotFound, NotAllowed.
    """
    tx.role(Action.SITE_OPEN, study, slug)
    take_turn(tx, study)
    site = reads.get_site(tx.connection, study, slug)
    if site.open_from is not None and site.closed_from is None:
        raise Refused(f"{site.name} is open already, from {site.open_from}.")
    _refuse_without_codes(reads.get_definition_for(tx.connection, study), site, start.isoformat())
    body = {"id": site.id, "open_from": Change(site.open_from, start.isoformat())}
    _bind_site_act(tx, study, slug).record(Action.SITE_OPEN, body)
    return reads.get_site(tx.connection, study, slug)


def close_site(tx: Transaction, study: str, slug: str, end: date, reason: str = "") -> Site:
    """Let nobody new join from a date on; follow-up goes on.

    Raises InvalidInput, Refused, NotFound, NotAllowed.
    """
    tx.role(Action.SITE_CLOSE, study, slug)
    take_turn(tx, study)
    site = reads.get_site(tx.connection, study, slug)
    if site.open_from is None or site.closed_from is not None:
        raise Refused(f"{site.name} is not open, so it cannot be closed.")
    if end.isoformat() < site.open_from:
        raise InvalidInput(
            "closed_from", f"{site.name} opened on {site.open_from}. Give that date or a later one."
        )
    body = {"id": site.id, "closed_from": Change(None, end.isoformat())}
    _bind_site_act(tx, study, slug).record(Action.SITE_CLOSE, body, reason=reason)
    return reads.get_site(tx.connection, study, slug)


def set_attribute(
    tx: Transaction, study: str, slug: str, name: str, *, code: str, since: date
) -> Site:
    """Say what a site attribute is from a date on. Raises InvalidInput, NotFound, NotAllowed."""
    tx.role(Action.SITE_SET_ATTRIBUTE, study, slug)
    take_turn(tx, study)
    site = reads.get_site(tx.connection, study, slug)
    definition = reads.get_definition_for(tx.connection, study)
    _check_code(_get_attribute(definition, name), code)
    before = [
        {"name": attribute.name, "value": attribute.value, "from": attribute.from_date}
        for attribute in site.attributes
    ]
    same_day = (name, since.isoformat())
    after = [
        attribute for attribute in before if (attribute["name"], attribute["from"]) != same_day
    ]
    after.append({"name": name, "value": code, "from": since.isoformat()})
    after.sort(key=lambda attribute: (attribute["name"], attribute["from"]))
    country = _find_country(definition, _get_latest_codes(after)) or site.country
    body = {
        "id": site.id,
        "attributes": Change(before, after),
        "country": Change(site.country, country),
    }
    _bind_site_act(tx, study, slug).record(Action.SITE_SET_ATTRIBUTE, body)
    return reads.get_site(tx.connection, study, slug)


def set_target(tx: Transaction, study: str, slug: str, number: int | None, by: date | None) -> Site:
    """Say how many a site is to recruit, and by which day; None for no target, or no day.

    Raises InvalidInput (target), Refused when nothing changes, NotFound, NotAllowed.
    """
    tx.role(Action.SITE_SET_TARGET, study, slug)
    take_turn(tx, study)
    site = reads.get_site(tx.connection, study, slug)
    _check_target(number, by)
    if (site.target, site.target_by) == (number, _format_day(by)):
        raise Refused(f"This is the target of {site.name} already.")
    body = {
        "id": site.id,
        "target": Change(site.target, number),
        "target_by": Change(site.target_by, _format_day(by)),
    }
    _bind_site_act(tx, study, slug).record(Action.SITE_SET_TARGET, body)
    return reads.get_site(tx.connection, study, slug)


def _format_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def add_declared_site(tx: Transaction, study: Study, declared: DeclaredSite) -> None:
    """Add a made-up site of a definition with its approvals, and open it if it says so."""
    new = NewSite(
        slug=declared.slug,
        name=declared.name,
        zone=declared.zone,
        target=declared.target,
        target_by=declared.target_by,
        attributes=dict(declared.attributes),
    )
    add_site(tx, study.slug, new)
    if declared.opened is not None:
        open_site(tx, study.slug, declared.slug, declared.opened)
    for scope, labels in declared.approved_consents.items():
        for version in study.consent(scope).versions:
            if version.version in labels:
                record_approval(tx, study.slug, declared.slug, scope, version)


def _bind_site_act(tx: Transaction, study: str, slug: str) -> BoundAct:
    return bind_act(tx, f"site/{slug}", study=study, site=slug)


def _check_new(tx: Transaction, study: str, new: NewSite) -> None:
    if not SLUG.fullmatch(new.slug):
        raise InvalidInput(
            "slug",
            "A site code is 1 to 18 lower-case letters, digits or _, and begins with a letter, "
            "for example northfield.",
        )
    if any(site.slug == new.slug for site in reads.list_all_sites(tx.connection, study)):
        raise InvalidInput("slug", f"The study has a site {new.slug} already. Choose another code.")
    if not 1 <= len(new.name.strip()) <= MAX_NAME:
        raise InvalidInput("name", f"Enter the site's name, at most {MAX_NAME} letters.")
    if len(new.country) > MAX_NAME:
        raise InvalidInput("country", f"Enter the country in at most {MAX_NAME} letters.")
    if not _is_zone(new.zone):
        raise InvalidInput(
            "zone", f"{new.zone!r} is not a time zone. Use a name such as Europe/London."
        )
    _check_target(new.target, new.target_by)


def _check_target(number: int | None, by: date | None) -> None:
    if number is not None and not 1 <= number <= MAX_TARGET:
        raise InvalidInput("target", f"A target is a whole number from 1 to {MAX_TARGET}.")
    if by is not None and number is None:
        raise InvalidInput(
            "target",
            "Enter the recruitment target for that date, or leave the date blank.",
        )


@cache
def _list_zones() -> frozenset[str]:
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def _is_zone(name: str) -> bool:
    return name in _list_zones()


def _get_attribute(definition: Study, name: str) -> SiteAttribute:
    for attribute in definition.site_attributes:
        if attribute.name == name:
            return attribute
    names = ", ".join(attribute.name for attribute in definition.site_attributes) or "none"
    raise InvalidInput("attribute", f"The study reads no {name!r} of its sites; it reads: {names}.")


def _check_code(attribute: SiteAttribute, code: str) -> None:
    codes = [choice.code for choice in attribute.choices]
    if code not in codes:
        raise InvalidInput(
            attribute.name, f"{attribute.title} must be one of {', '.join(codes)}, not {code!r}."
        )


def _refuse_without_codes(definition: Study, site: Site, on: str) -> None:
    codes_on_day = site.attributes_on(on)
    for attribute in definition.site_attributes:
        codes = [choice.code for choice in attribute.choices]
        if codes_on_day.get(attribute.name) not in codes:
            raise Refused(
                f"{site.name} cannot open on {on}: its {attribute.title} is not set by then"
                f"{_explain_need(definition, attribute.name)}. "
                f"Set it to one of {', '.join(codes)} first."
            )


def _explain_need(definition: Study, attribute: str) -> str:
    """Which randomisation would have no level for the site's participants."""
    names = [
        randomisation.name
        for randomisation in definition.randomisations
        if any(factor.source.strip() == f"site.{attribute}" for factor in randomisation.factors)
    ]
    return f", and the randomisation {', '.join(names)} needs it" if names else ""


def _find_country(definition: Study, attributes: Mapping[str, str]) -> str:
    """The country in words, when the study reads it as a site attribute."""
    for attribute in definition.site_attributes:
        if attribute.name == "country":
            labels = {choice.code: choice.label for choice in attribute.choices}
            return labels.get(attributes.get("country", ""), "")
    return ""


def _get_latest_codes(attributes: list[dict[str, str]]) -> dict[str, str]:
    return {attribute["name"]: attribute["value"] for attribute in attributes}
