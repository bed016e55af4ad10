"""Whether a person takes part, found from the dated facts about them."""

from __future__ import annotations

from collections.abc import Sequence

from capture.participants.event_kinds import DEATH, ENDINGS, LOSS
from capture.participants.records import ParticipantEvent, Participation


def get_state_after(facts: Sequence[ParticipantEvent]) -> Participation:
    """Return the state of participation that follows from all dated facts about a person."""
    kinds = {fact.kind for fact in facts}
    if DEATH in kinds:
        return Participation.DIED
    if kinds & ENDINGS:
        return Participation.WITHDRAWN
    return Participation.LOST if find_open_loss(facts) else Participation.ON_STUDY


def find_open_loss(facts: Sequence[ParticipantEvent]) -> ParticipantEvent | None:
    """Return the loss to follow-up from which the person has not come back."""
    losses = [fact for fact in facts if fact.kind == LOSS and fact.value is None]
    return max(losses, key=lambda fact: fact.date, default=None)
