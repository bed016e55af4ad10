"""Labels of actions on study versions, sites, the delegation log and consent versions."""

from __future__ import annotations

from typing import Any

from capture.access import Action
from capture.ledger.action_labels import BodyLabel, LabelReader, label_actions


def read_consent(scope: Any, reader: LabelReader) -> str:
    """What a consent is for, by its title."""
    titles = {consent.name: consent.title for consent in reader.study.consents}
    return titles.get(scope, str(scope))


label_actions(
    {
        Action.STUDY_PUBLISH: ("Study version published", "Publish a study version"),
        Action.STUDY_APPROVE: ("Study version approved", "Approve a study version"),
    },
    {
        "number": "Version number",
        "label": "Version",
        "state": BodyLabel("Status", is_spaced=True),
        "sha256": "SHA-256",
    },
    not_shown=("id", "title"),
)
label_actions(
    {
        Action.SITE_ADD: ("Site added", "Add a site"),
        Action.SITE_OPEN: ("Site opened", "Open a site"),
        Action.SITE_CLOSE: ("Site closed", "Close a site"),
        Action.SITE_SET_ATTRIBUTE: ("Site attributes changed", "Change the attributes of a site"),
        Action.SITE_SET_TARGET: (
            "Recruitment target changed",
            "Change the recruitment target of a site",
        ),
        Action.DELEGATION_ADD: (
            "Delegation log entry added",
            "Add an investigator to a site's delegation log",
        ),
        Action.DELEGATION_END: (
            "Delegation log entry ended",
            "End an entry of a site's delegation log",
        ),
        Action.CONSENT_VERSION_APPROVE: (
            "PIS/ICF version approved",
            "Approve a PIS/ICF version for a site",
        ),
    },
    {
        "name": "Name",
        "country": "Country",
        "zone": "Time zone",
        "target": "Recruitment target",
        "target_by": "Expected by",
        "open_from": "Opening date",
        "closed_from": "Closure date",
        "role_note": "Task",
        "from_date": "From",
        "to_date": "To",
        "scope": BodyLabel("Consent for", read=read_consent),
        "version": "PIS/ICF version",
    },
    not_shown=("id", "slug", "site", "attributes"),
)
label_actions(
    {
        Action.STUDY_VIEW: ("", "See a study and its versions"),
        Action.SITE_VIEW: ("", "See the sites"),
    }
)
