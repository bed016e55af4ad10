"""What marking a visit or a participant as entered in error, and taking that back, are called."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import BodyLabel, label_actions
from capture.participants.records import Status, VisitStatus

CODES = (*Status, *VisitStatus)

label_actions(
    {
        Action.PARTICIPANT_MARK_IN_ERROR: (
            "Participant marked as entered in error",
            "Mark a participant as entered in error",
        ),
        Action.PARTICIPANT_REINSTATE: (
            "Participant reinstated",
            "Reinstate a participant marked as entered in error",
        ),
        Action.VISIT_MARK_IN_ERROR: (
            "Visit marked as entered in error",
            "Mark a visit as entered in error",
        ),
        Action.VISIT_REINSTATE: (
            "Visit reinstated",
            "Reinstate a visit marked as entered in error",
        ),
    },
    {"status": BodyLabel("Status", codes={code.value: code.label for code in CODES})},
    not_shown=("id", "entered_in_error", "site", "visit_slug", "occurrence"),
)
