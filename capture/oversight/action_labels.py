"""The labels of redaction and of the export of the audit trail."""

from __future__ import annotations

from typing import Any

from capture.access import Action
from capture.ledger.action_labels import (
    ACTION_LABELS,
    Audience,
    BodyLabel,
    LabelReader,
    label_actions,
)
from capture.timeline import read_item


def _action_words(value: Any, _reader: LabelReader) -> str:
    """Return an action as the filter of the trail names it."""
    known = {action.value: label.done for action, label in ACTION_LABELS.items()}
    return known.get(value, str(value))


label_actions(
    {
        Action.REDACTION_REQUEST: (
            "Redaction requested",
            "Ask for a value to be removed for privacy",
        ),
        Action.REDACTION_CARRY_OUT: (
            "Value redacted",
            "Remove a value for privacy (a second person)",
        ),
    },
    {"item": BodyLabel("Item", audience=Audience.WHO_SEES_THE_ITEM, read=read_item)},
    not_shown=("about", "entry", "places"),
)
label_actions(
    {Action.AUDIT_EXPORT: ("Audit trail exported", "Export the audit trail")},
    {
        "person": BodyLabel("User", read=lambda user, reader: reader.name_user(str(user))),
        "number": "Participant number",
        "action": BodyLabel("Action", read=_action_words),
        "item": BodyLabel("Item", audience=Audience.WHO_SEES_THE_ITEM, read=read_item),
        "first": "From",
        "last": "To",
        "position": "Entry no.",
    },
)
label_actions({Action.AUDIT_VIEW: ("", "See the audit trail")})
