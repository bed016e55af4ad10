"""All dose-finding methods by name, and the function that asks any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from randomiser.dose_finding import boin, by_table, crm, tite_crm
from randomiser.dose_finding.cohorts import free_places
from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.problems import StateProblem
from randomiser.dose_finding.state import Act, DoseState, Recommendation

Decide = Callable[[DoseDesign, DoseState], Recommendation]

DECIDE: Mapping[str, Decide] = {
    "three_plus_three": by_table.decide,
    "rolling_six": by_table.decide,
    "table": by_table.decide,
    "boin": boin.decide,
    "crm": crm.decide,
    "tite_crm": tite_crm.decide,
}


def recommend(design: DoseDesign, state: DoseState) -> Recommendation:
    """Recommend what to do next and how many participants may be registered now.

    When all possible values of the awaited outcomes lead to one recommendation, it is given now.
    Otherwise the cohort is filled, and then registration waits. TITE-CRM weights awaited outcomes
    instead.
    Deterministic given its arguments. Raises StateProblem.
    """
    _refuse_unfitting(design, state)
    decide = DECIDE[design.method]
    if design.method == "tite_crm" or not state.pending:
        answer = decide(design, state)
    else:
        answer = _over_all_endings(design, state, decide)
    if answer.level is None or answer.act is Act.MTD:
        return answer
    return replace(answer, slots=free_places(design, state, answer.level))


def _over_all_endings(design: DoseDesign, state: DoseState, decide: Decide) -> Recommendation:
    known = decide(design, _without_awaited(state)).numbers
    answers = _answers(design, state, decide)
    if len({(answer.act, answer.level) for answer in answers}) == 1:
        certain = f"Whatever the {_outcomes(state)} will be: {answers[0].reason}"
        return replace(answers[0], reason=certain, numbers=known)
    here, name = state.current, design.levels[state.current]
    only_others = state.with_level(here, replace(state.here, pending=0, followed=()))
    is_open = (
        len({(answer.act, answer.level) for answer in _answers(design, only_others, decide)}) == 1
    )
    if is_open and free_places(design, state, here):
        words = f"The cohort at level {name} is not full; the {_outcomes(state)} may still decide."
        return Recommendation(Act.STAY, here, words, known)
    words = f"The {_outcomes(state)} may change the recommendation; wait before registering."
    return Recommendation(Act.WAIT, None, words, known)


def _answers(design: DoseDesign, state: DoseState, decide: Decide) -> list[Recommendation]:
    endings = state.endings(second_condition=design.second_condition)
    return [decide(design, ending) for ending in endings]


def _without_awaited(state: DoseState) -> DoseState:
    levels = (replace(level, pending=0, followed=()) for level in state.levels)
    return replace(state, levels=tuple(levels))


def _outcomes(state: DoseState) -> str:
    return "one awaited outcome" if state.pending == 1 else f"{state.pending} awaited outcomes"


def _refuse_unfitting(design: DoseDesign, state: DoseState) -> None:
    if len(state.levels) != len(design.levels):
        raise StateProblem(
            f"The design has {len(design.levels)} levels, the counts are given for "
            f"{len(state.levels)}."
        )
    for name, level in zip(design.levels, state.levels, strict=True):
        needs_shares = design.method == "tite_crm" and level.pending != len(level.followed)
        if needs_shares:
            raise StateProblem(f"Level {name}: give the follow-up of each pending participant.")
        if level.met and not design.second_condition:
            raise StateProblem(f"Level {name}: the design has no second condition.")
