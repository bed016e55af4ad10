"""Recommendations from a decision table: 3+3, rolling six and a study's own tables."""

from __future__ import annotations

from collections.abc import Mapping

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import Act, DoseState, Recommendation
from randomiser.dose_finding.table import Above, Cell

DOWN = (Act.DE_ESCALATE, Act.STOP)
WORDS: Mapping[Act, str] = {
    Act.STAY: "the table asks for more people here",
    Act.ESCALATE: "the table goes up",
    Act.DE_ESCALATE: "the table closes this level and goes down",
    Act.MTD: "the table takes this as the recommended dose",
    Act.STOP: "the table ends the part",
    Act.COMMITTEE: "the table leaves this to the committee",
}


def decide(design: DoseDesign, state: DoseState) -> Recommendation:
    """Recommend by the table of the design; no outcome is awaited in this state.

    Going down opens the level below the lowest closed one, evaluated again with no open level above
    it: it takes more participants if there is room, and with enough participants it becomes the
    recommended dose. If a level below the open one no longer supports having gone up, the part
    returns to it.
    Source: the table itself; see three_plus_three and rolling_six for those two.
    """
    closed = closed_from(design, state)
    if closed is not None and state.current >= closed:
        return _recommend_level_below(design, state, closed)
    shaky = _find_shaky_level(design, state, state.current, closed)
    if shaky is not None:
        words = f"Level {design.levels[shaky]} no longer supports having gone up"
        return _answer(design, state, Act.DE_ESCALATE, shaky, words, closed=closed)
    here = state.current
    act = _decide_at(design, state, here, closed)
    words = f"Level {design.levels[here]}: {counts(design, state, here)}; {WORDS[act]}"
    if act is Act.ESCALATE:
        return _answer(design, state, act, here + 1, words, closed=closed)
    level = here if act in (Act.STAY, Act.MTD) else None
    return _answer(design, state, act, level, words, closed=closed)


def closed_from(design: DoseDesign, state: DoseState) -> int | None:
    """Return the index of the lowest level that its own participants close as too toxic."""
    closed: int | None = None
    for index in reversed(range(len(state.levels))):
        if _decide_at(design, state, index, closed) in DOWN:
            closed = index
    return closed


def _decide_at(design: DoseDesign, state: DoseState, index: int, closed: int | None) -> Act:
    end = len(state.levels) if closed is None else closed
    level = state.levels[index]
    above = Above.OPEN if index + 1 < end else Above.SHUT
    return design.decisions.at(Cell(level.evaluable, level.dlts, level.met, above))


def _find_shaky_level(
    design: DoseDesign, state: DoseState, under: int, closed: int | None
) -> int | None:
    """Return the lowest level with participants that does not support having gone up from it."""
    for index in range(under):
        asks_for_more = _decide_at(design, state, index, closed) is Act.STAY
        if state.levels[index].evaluable and asks_for_more:
            return index
    return None


def _recommend_level_below(design: DoseDesign, state: DoseState, closed: int) -> Recommendation:
    words = f"Level {design.levels[closed]} is too toxic ({counts(design, state, closed)})"
    index = closed - 1
    if index < 0:
        words += "; there is no level below it"
        return _answer(design, state, Act.STOP, None, words, closed=closed)
    shaky = _find_shaky_level(design, state, index, closed)
    if shaky is not None:
        words += f"; level {design.levels[shaky]} does not support having gone up"
        return _answer(design, state, Act.DE_ESCALATE, shaky, words, closed=closed)
    act = _decide_at(design, state, index, closed)
    words += (
        f"; level {design.levels[index]} below it: {counts(design, state, index)}, {WORDS[act]}"
    )
    if act is Act.STAY:
        return _answer(design, state, Act.DE_ESCALATE, index, words, closed=closed)
    return _answer(design, state, act, index if act is Act.MTD else None, words, closed=closed)


def counts(design: DoseDesign, state: DoseState, index: int) -> str:
    """Return the participants of a level in words."""
    level = state.levels[index]
    if not level.evaluable:
        return "no participant evaluated yet"
    met = f", {level.met} met the second condition" if design.second_condition else ""
    return f"{level.dlts} of {level.evaluable} with a DLT{met}"


def _answer(
    design: DoseDesign,
    state: DoseState,
    act: Act,
    level: int | None,
    words: str,
    *,
    closed: int | None,
) -> Recommendation:
    return Recommendation(act, level, f"{words}.", numbers(design, state), closed=closed)


def numbers(design: DoseDesign, state: DoseState) -> tuple[tuple[str, str], ...]:
    """Return the numbers that a table uses: the participants of each level that has any."""
    return tuple(
        (f"level {name}", counts(design, state, index))
        for index, name in enumerate(design.levels)
        if state.levels[index].evaluable
    )
