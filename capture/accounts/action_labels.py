"""Labels of actions on accounts, sessions and roles."""

from __future__ import annotations

from typing import Any

from capture.access import Action
from capture.ledger.action_labels import BodyLabel, LabelReader, label_actions


def _read_sites(sites: Any, reader: LabelReader) -> str:
    """Return the sites that a role is limited to."""
    return ", ".join(reader.name_site(site) for site in sites or ())


label_actions(
    {
        Action.USER_CREATE: ("Account created", "Create an account"),
        Action.ACCOUNT_CLOSE: ("Account closed", "Close an account"),
        Action.ACCOUNT_REOPEN: ("Account reopened", "Reopen an account"),
        Action.USER_SET_PASSWORD: ("Password changed", "Change one's own password"),
        Action.USER_RESET_PASSWORD: ("Password reset", "Reset somebody's password"),
        Action.USER_SIGN_IN: ("Signed in", ""),
        Action.USER_FAIL_SIGN_IN: ("Sign-in failed", ""),
        Action.USER_SIGN_OUT: ("Signed out", "Sign out"),
        Action.SESSION_REVOKE: ("Other devices signed out", "Sign out one's own other devices"),
        Action.SESSION_LOCK: ("Screen locked", "Lock the screen"),
        Action.SESSION_UNLOCK: ("Screen unlocked", "Unlock the screen with the password"),
        Action.ROLE_ASSIGN: ("Role assigned", "Assign a role"),
        Action.ROLE_REMOVE: ("Role removed", "Remove a role"),
    },
    {
        "email": "E-mail address",
        "name": "Name",
        "state": BodyLabel("Account status", is_spaced=True),
        "role": BodyLabel("Role", is_spaced=True),
        "sites": BodyLabel("Sites", read=_read_sites),
        "masked": "Masked",
        "from_date": "From",
        "to_date": "To",
        "ended_at": "Ended at",
    },
    not_shown=("membership", "changed_at", "sessions", "email_hash", "address"),
)
label_actions(
    {
        Action.PAGE_VIEW: ("", "See the home page"),
        Action.PEOPLE_VIEW: ("", "See who has which role"),
    }
)
