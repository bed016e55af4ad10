"""The labels of the actions of dose finding."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import Audience, BodyLabel, label_actions

label_actions(
    {
        Action.DOSE_REGISTER: (
            "Registered at a dose level",
            "Register a participant at the open dose level",
        ),
        Action.DOSE_RECORD_OUTCOME: (
            "DLT assessment recorded",
            "Record and correct a DLT assessment",
        ),
        Action.DOSE_DECIDE: ("Dose decision signed", "Sign a dose decision for the committee"),
        Action.DOSE_REOPEN: ("Dose decision to be reviewed", ""),
    },
    {
        "number": BodyLabel("Number", audience=Audience.WHO_SEES_LEVELS),
        "level": BodyLabel("Dose level", audience=Audience.WHO_SEES_LEVELS),
        "local_date": "Date at the site",
        "outcome": BodyLabel("Outcome", is_spaced=True),
        "outcome_date": "Date of the outcome",
        "met": "Second condition met",
        "note": "Note",
        "choice": BodyLabel("Decision", is_spaced=True),
        "committee": "Committee",
        "reason": "Reason",
    },
    not_shown=("id", "site", "part", "after", "gate", "until", "advised", "state"),
)
label_actions({Action.DOSE_VIEW: ("", "See dose levels and what is recommended")})
