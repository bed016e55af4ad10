"""What saving a form, marking it and handling its drafts are called."""

from __future__ import annotations

from typing import Any

from capture.access import Action
from capture.entry.fold import KEY
from capture.ledger.action_labels import BodyLabel, LabelReader, label_actions


def _missing_words(code: Any, reader: LabelReader) -> str:
    reasons = {reason.code: reason.label for reason in reader.study.missing_reasons}
    return reasons.get(code, str(code))


PLACE = (*KEY, "id", "form_status", "instances", "days_late")
"""Where a form hangs; the timeline names it beside the action."""
OUTCOME = ("version", "assessment_date", "visit_date", "completed_at", "flags")

label_actions(
    {
        Action.ENTRY_SAVE: ("Form saved", "Fill in and correct forms"),
        Action.ENTRY_MARK_NOT_DONE: ("Form marked as not done", "Mark a form as not done"),
        Action.ENTRY_RECALCULATE: ("Form recalculated", ""),
        Action.ENTRY_MARK_IN_ERROR: (
            "Form marked as entered in error",
            "Mark a form as entered in error",
        ),
        Action.ENTRY_REINSTATE: (
            "Form reinstated",
            "Reinstate a form marked as entered in error",
        ),
    },
    {
        "status": BodyLabel("Status", is_spaced=True),
        "missing_reason": BodyLabel("Reason", read=_missing_words),
        "moved_to": BodyLabel("The answers belong to another participant", is_link=True),
        "moved_from": BodyLabel("The answers were on another participant's form", is_link=True),
    },
    not_shown=(*PLACE, *OUTCOME, "entered_in_error"),
)
label_actions(
    {
        Action.DRAFT_TAKE_OVER: ("Draft taken over", "Take over somebody's unsaved draft"),
        Action.DRAFT_DISCARD: ("Draft discarded", "Discard an unsaved draft"),
    },
    not_shown=("visit_slug", "occurrence", "instrument", "instance", "owner"),
)
label_actions(
    {
        Action.ENTRY_VIEW: ("", "See forms and their history"),
        Action.SCORES_VIEW: ("", "See scores over time"),
    }
)
