"""What a committee may decide: the recommendation or something more cautious, never bolder."""

from __future__ import annotations

from enum import StrEnum

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import Act, DoseState, Recommendation


class Choice(StrEnum):
    """The decisions that a committee can make."""

    OPEN = "open"
    MTD = "mtd"
    WAIT = "wait"
    STOP = "stop"


def highest_allowed(design: DoseDesign, state: DoseState, answer: Recommendation) -> int | None:
    """Return the index of the highest level that a committee may open now; None for no level.

    If a level is recommended, it is that one. While outcomes are awaited, only levels below the
    open one are more cautious. If the decision is left to the committee, it is one level up, unless
    that level is closed.
    """
    if answer.level is not None:
        return answer.level
    if answer.act is Act.WAIT:
        return state.current - 1 if state.current else None
    if answer.act is Act.COMMITTEE:
        end = len(design.levels) if answer.closed is None else answer.closed
        return min(state.current + 1, end - 1) if end else None
    return None


def why_bolder(
    design: DoseDesign,
    state: DoseState,
    answer: Recommendation,
    choice: Choice,
    level: int | None,
) -> str | None:
    """Return why a decision is bolder than the recommendation; None when it is not.

    Waiting or stopping is never bolder. A recommended dose (MTD) may be named only when one is
    recommended, and not above it, or when the decision is left to the committee.
    """
    if choice in (Choice.WAIT, Choice.STOP):
        return None
    top = highest_allowed(design, state, answer)
    if level is None or not 0 <= level < len(design.levels):
        return "Choose one of the dose levels."
    if top is None:
        return "No level may be opened now; choose to wait or to stop."
    if level > top:
        return (
            f"Level {design.levels[level]} is higher than the recommendation allows; "
            f"the highest level that may be chosen is {design.levels[top]}."
        )
    if choice is Choice.MTD and answer.act not in (Act.MTD, Act.COMMITTEE):
        return "No recommended dose is due yet; open a level, wait or stop."
    return None
