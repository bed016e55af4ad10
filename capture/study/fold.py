"""How published versions and site acts change state; each body holds its whole outcome."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, StateRow, applies

SUPERSEDED = "superseded"
VERSION_ITEMS = ("id", "number", "label", "state", "sha256", "title")
SITE_ITEMS = ("id", "slug", "name", "country", "zone", "attributes", "target", "target_by")
DELEGATION_ITEMS = ("id", "site", "name", "role_note", "from_date")
APPROVAL_ITEMS = ("id", "site", "scope", "version", "from_date")


@applies(Action.STUDY_PUBLISH)
def apply_publication(state: State, fact: LedgerRow) -> None:
    """Add a version in state test; an earlier one that never went live gives way to it."""
    for version in state.rows("study_version"):
        if version["state"] == "test":
            state.put("study_version", {**version, "state": SUPERSEDED})
    row: StateRow = {item: fact.new(item) for item in VERSION_ITEMS}
    row.update(published_at=fact.at, published_by=fact.actor, approved_by=None, approved_at=None)
    state.put("study_version", row)


@applies(Action.STUDY_APPROVE)
def apply_approval(state: State, fact: LedgerRow) -> None:
    """Bring a version into force for real participants; the one before it gives way."""
    for version in state.rows("study_version"):
        if version["id"] == fact.new("id"):
            approval = {"state": "live", "approved_by": fact.actor, "approved_at": fact.at}
            state.put("study_version", {**version, **approval})
        elif version["state"] == "live":
            state.put("study_version", {**version, "state": SUPERSEDED})


@applies(Action.SITE_ADD)
def apply_site(state: State, fact: LedgerRow) -> None:
    row: StateRow = {item: fact.new(item) for item in SITE_ITEMS}
    state.put("site", {**row, "open_from": None, "closed_from": None})


@applies(Action.SITE_OPEN)
def apply_site_opening(state: State, fact: LedgerRow) -> None:
    """Open from a date; a closed site that opens again is closed no more."""
    _change_site(state, fact, open_from=fact.new("open_from"), closed_from=None)


@applies(Action.SITE_CLOSE)
def apply_site_closure(state: State, fact: LedgerRow) -> None:
    _change_site(state, fact, closed_from=fact.new("closed_from"))


@applies(Action.SITE_SET_ATTRIBUTE)
def apply_site_attribute(state: State, fact: LedgerRow) -> None:
    changes = {"attributes": fact.new("attributes"), "country": fact.new("country")}
    _change_site(state, fact, **changes)


@applies(Action.SITE_SET_TARGET)
def apply_site_target(state: State, fact: LedgerRow) -> None:
    _change_site(state, fact, target=fact.new("target"), target_by=fact.new("target_by"))


def _change_site(state: State, fact: LedgerRow, **changes: object) -> None:
    site = state.get("site", fact.new("id"))
    if site is not None:
        state.put("site", {**site, **changes})


@applies(Action.DELEGATION_ADD)
def apply_delegation(state: State, fact: LedgerRow) -> None:
    row: StateRow = {item: fact.new(item) for item in DELEGATION_ITEMS}
    state.put("delegation", {**row, "to_date": None})


@applies(Action.DELEGATION_END)
def apply_delegation_end(state: State, fact: LedgerRow) -> None:
    row = state.get("delegation", fact.new("id"))
    if row is not None:
        state.put("delegation", {**row, "to_date": fact.new("to_date")})


@applies(Action.CONSENT_VERSION_APPROVE)
def apply_consent_version(state: State, fact: LedgerRow) -> None:
    state.put("consent_approval", {item: fact.new(item) for item in APPROVAL_ITEMS})
