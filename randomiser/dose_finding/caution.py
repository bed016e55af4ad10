"""What a committee may decide: what is recommended or something more careful, never bolder."""

from __future__ import annotations

from enum import StrEnum

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import Act, DoseState, Recommendation


class Choice(StrEnum):
    """What a committee can decide."""

    OPEN = "open"
    MTD = "mtd"
    WAIT = "wait"
    STOP = "stop"


def highest_allowed(design: DoseDesign, state: DoseState, answer: Recommendation) -> int | None:
    """The index of the highest level that a committee may open now; None when it may open none.

    A recommended level is the highest one. While outcomes are awaited only levels below the open
    one are more careful. Where the committee decides, one level up at most, never a closed one.
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
    """Say why a decision is bolder than the recommendation; None when it is not.

    To wait or to stop is never bolder. A recommended dose (MTD) is named only where one is
    recommended or the committee decides, and not above it.
    """
    if choice in (Choice.WAIT, Choice.STOP):
        return None
    top = highest_allowed(design, state, answer)
    if level is None or not 0 <= level < len(design.levels):
        return "Choose one of the levels."
    if top is None:
        return "Nothing may be opened now; the committee can wait or stop."
    if level > top:
        return (
            f"Level {design.levels[level]} is bolder than what is recommended; "
            f"the highest that may be chosen is level {design.levels[top]}."
        )
    if choice is Choice.MTD and answer.act not in (Act.MTD, Act.COMMITTEE):
        return "No recommended dose is due yet; open a level, wait or stop."
    return None
