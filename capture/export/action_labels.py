"""Labels of the actions of exporting data."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import label_actions

label_actions(
    {Action.DATASET_EXPORT: ("Data exported", "Export data")},
    {
        "position": "Entry no.",
        "formats": "Formats",
        "cutoff": "Data cut-off date",
        "identifying": "Identifying items",
    },
    not_shown=("study", "sealed_at", "shown_as"),
)
label_actions(
    {Action.IDENTIFIERS_VIEW: ("", "Export items that identify participants, with a reason")}
)
