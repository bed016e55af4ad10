"""Folds redaction requests and redactions into the state; an export changes nothing."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import LedgerRow, State, applies, changes_nothing
from capture.oversight.tables import REDACTION
from capture.visibility import Mention, mentions, mentions_nothing, usual_mention
from capture.visibility.mentions import ITEM

applies(Action.AUDIT_EXPORT)(changes_nothing)


@applies(Action.REDACTION_REQUEST)
def apply_redaction_request(state: State, fact: LedgerRow) -> None:
    REDACTION.put(
        state,
        {
            "id": fact.subject_id,
            "about": fact.new("about"),
            "entry": fact.new("entry"),
            "item": fact.new("item"),
            "state": "requested",
            "reason": fact.reason,
            "requested_by": fact.actor,
            "requested_at": fact.at,
            "done_by": None,
            "done_at": None,
            "places": [],
        },
    )


@applies(Action.REDACTION_CARRY_OUT)
def apply_redaction(state: State, fact: LedgerRow) -> None:
    row = REDACTION.get(state, fact.subject_id)
    if row is not None:
        REDACTION.put(
            state,
            {
                **row,
                "state": "done",
                "done_by": fact.actor,
                "done_at": fact.at,
                "places": fact.new("places"),
            },
        )


mentions_nothing(Action.AUDIT_EXPORT)
mentions(Action.REDACTION_REQUEST)(usual_mention)


@mentions(Action.REDACTION_CARRY_OUT)
def mention_of_redaction(fact: LedgerRow) -> Mention:
    """Return the items whose values were redacted, in whatever row."""
    named = (name for _ledger_id, names in fact.new("places") or () for name in names)
    return Mention(items=frozenset(name.removeprefix(ITEM) for name in named))
