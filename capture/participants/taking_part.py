"""Whether a person takes part, judged by the dated facts about it."""

from __future__ import annotations

from collections.abc import Sequence

from capture.participants.kinds import DEATH, ENDINGS, LOSS
from capture.participants.rows import DatedFact, TakingPart


def state_after(facts: Sequence[DatedFact]) -> TakingPart:
    """Whether a person takes part, judged by all dated facts about it."""
    kinds = {fact.kind for fact in facts}
    if DEATH in kinds:
        return TakingPart.DIED
    if kinds & ENDINGS:
        return TakingPart.WITHDRAWN
    return TakingPart.LOST if open_loss(facts) else TakingPart.ON_STUDY


def open_loss(facts: Sequence[DatedFact]) -> DatedFact | None:
    """The loss to follow-up from which the person has not come back."""
    losses = [fact for fact in facts if fact.kind == LOSS and fact.value is None]
    return max(losses, key=lambda fact: fact.date, default=None)
