"""Cohorts and places: when people are judged together, and how many more may come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import DoseState


def is_between_cohorts(design: DoseDesign, state: DoseState) -> bool:
    """Whether the open level has whole cohorts only; nobody at all is no cohort yet."""
    judged = state.here.evaluable
    return judged > 0 and (judged % design.cohort == 0 or judged >= design.per_level)


def with_cohort_unharmed(design: DoseDesign, state: DoseState) -> DoseState:
    """The state at its best: the rest of the open level's cohort without any DLT."""
    level = state.here
    end = cohort_end(design, level.evaluable)
    return state.with_level(state.current, replace(level, evaluable=end))


def cohort_end(design: DoseDesign, judged: int) -> int:
    """With how many people judged at a level the next decision is due."""
    return min((judged // design.cohort + 1) * design.cohort, design.per_level)


def free_places(design: DoseDesign, state: DoseState, index: int) -> int:
    """How many people may be registered at a level before the next decision there.

    Places count everybody who holds one, judged or awaited; a person who cannot be judged gives
    the place back. TITE-CRM awaits nobody: there a cohort is full once so many are treated.
    """
    level = state.levels[index]
    settled = level.treated if design.method == "tite_crm" else level.evaluable
    free = cohort_end(design, settled) - level.treated
    if design.people is not None:
        free = min(free, design.people - state.treated)
    return max(free, 0)


def earliest_day(in_cohort: list[date], stagger: int) -> date | None:
    """The first day on which the second person of a cohort may start; None when any day may be.

    in_cohort: the days on which the people of the present cohort were registered.
    stagger:   days between the first and the second of a cohort.
    """
    if len(in_cohort) == 1 and stagger:
        return in_cohort[0] + timedelta(days=stagger)
    return None
