"""Cohorts: when a decision is due, and how many more participants may be registered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import DoseState


def is_between_cohorts(design: DoseDesign, state: DoseState) -> bool:
    """Return whether the open level has one or more complete cohorts and no incomplete one."""
    judged = state.here.evaluable
    return judged > 0 and (judged % design.cohort == 0 or judged >= design.per_level)


def with_cohort_unharmed(design: DoseDesign, state: DoseState) -> DoseState:
    """Return the state if the rest of the open level's cohort has no DLT."""
    level = state.here
    end = cohort_end(design, level.evaluable)
    return state.with_level(state.current, replace(level, evaluable=end))


def cohort_end(design: DoseDesign, judged: int) -> int:
    """Return with how many evaluated participants at a level the next decision is due."""
    return min((judged // design.cohort + 1) * design.cohort, design.per_level)


def free_places(design: DoseDesign, state: DoseState, index: int) -> int:
    """Return how many participants may be registered at a level before the next decision there.

    Evaluated and pending participants take a place; a participant who cannot be evaluated does not.
    Under TITE-CRM, which does not wait for outcomes, a cohort is full when it has been treated.
    """
    level = state.levels[index]
    settled = level.treated if design.method == "tite_crm" else level.evaluable
    free = cohort_end(design, settled) - level.treated
    if design.people is not None:
        free = min(free, design.people - state.treated)
    return max(free, 0)


def earliest_day(in_cohort: list[date], stagger: int) -> date | None:
    """Return the first day on which a cohort's second participant may start; None for any day.

    in_cohort: the days on which the participants of the current cohort were registered.
    stagger:   days between the first and the second participant of a cohort.
    """
    if len(in_cohort) == 1 and stagger:
        return in_cohort[0] + timedelta(days=stagger)
    return None
