"""How published versions and site acts change state; each body holds its whole outcome."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies
from capture.study.tables import (
    CONSENT_APPROVAL,
    DELEGATION,
    SITE,
    STUDY_VERSION,
    SiteState,
)

SUPERSEDED = "superseded"


@applies(Action.STUDY_PUBLISH)
def apply_publication(state: State, fact: LedgerRow) -> None:
    """Add a version in state test; an earlier one that never went live gives way to it."""
    for version in STUDY_VERSION.rows(state):
        if version["state"] == "test":
            STUDY_VERSION.put(state, {**version, "state": SUPERSEDED})
    STUDY_VERSION.put(
        state,
        {
            "id": fact.new("id"),
            "number": fact.new("number"),
            "label": fact.new("label"),
            "state": fact.new("state"),
            "sha256": fact.new("sha256"),
            "title": fact.new("title"),
            "published_at": fact.at,
            "published_by": fact.actor,
            "approved_by": None,
            "approved_at": None,
        },
    )


@applies(Action.STUDY_APPROVE)
def apply_approval(state: State, fact: LedgerRow) -> None:
    """Bring a version into force for real participants; the one before it gives way."""
    for version in STUDY_VERSION.rows(state):
        if version["id"] == fact.new("id"):
            STUDY_VERSION.put(
                state,
                {**version, "state": "live", "approved_by": fact.actor, "approved_at": fact.at},
            )
        elif version["state"] == "live":
            STUDY_VERSION.put(state, {**version, "state": SUPERSEDED})


@applies(Action.SITE_ADD)
def apply_site(state: State, fact: LedgerRow) -> None:
    SITE.put(
        state,
        {
            "id": fact.new("id"),
            "slug": fact.new("slug"),
            "name": fact.new("name"),
            "country": fact.new("country"),
            "zone": fact.new("zone"),
            "attributes": fact.new("attributes"),
            "target": fact.new("target"),
            "target_by": fact.new("target_by"),
            "open_from": None,
            "closed_from": None,
        },
    )


@applies(Action.SITE_OPEN)
def apply_site_opening(state: State, fact: LedgerRow) -> None:
    """Open from a date; a closed site that opens again is closed no more."""
    if site := _site(state, fact):
        SITE.put(state, {**site, "open_from": fact.new("open_from"), "closed_from": None})


@applies(Action.SITE_CLOSE)
def apply_site_closure(state: State, fact: LedgerRow) -> None:
    if site := _site(state, fact):
        SITE.put(state, {**site, "closed_from": fact.new("closed_from")})


@applies(Action.SITE_SET_ATTRIBUTE)
def apply_site_attribute(state: State, fact: LedgerRow) -> None:
    if site := _site(state, fact):
        attributes, country = fact.new("attributes"), fact.new("country")
        SITE.put(state, {**site, "attributes": attributes, "country": country})


@applies(Action.SITE_SET_TARGET)
def apply_site_target(state: State, fact: LedgerRow) -> None:
    if site := _site(state, fact):
        target, target_by = fact.new("target"), fact.new("target_by")
        SITE.put(state, {**site, "target": target, "target_by": target_by})


def _site(state: State, fact: LedgerRow) -> SiteState | None:
    return SITE.get(state, fact.new("id"))


@applies(Action.DELEGATION_ADD)
def apply_delegation(state: State, fact: LedgerRow) -> None:
    DELEGATION.put(
        state,
        {
            "id": fact.new("id"),
            "site": fact.new("site"),
            "name": fact.new("name"),
            "role_note": fact.new("role_note"),
            "from_date": fact.new("from_date"),
            "to_date": None,
        },
    )


@applies(Action.DELEGATION_END)
def apply_delegation_end(state: State, fact: LedgerRow) -> None:
    row = DELEGATION.get(state, fact.new("id"))
    if row is not None:
        DELEGATION.put(state, {**row, "to_date": fact.new("to_date")})


@applies(Action.CONSENT_VERSION_APPROVE)
def apply_consent_version(state: State, fact: LedgerRow) -> None:
    CONSENT_APPROVAL.put(
        state,
        {
            "id": fact.new("id"),
            "site": fact.new("site"),
            "scope": fact.new("scope"),
            "version": fact.new("version"),
            "from_date": fact.new("from_date"),
        },
    )
