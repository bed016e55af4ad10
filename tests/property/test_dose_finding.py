"""A DLT more, all else equal, never sends anybody to a higher dose, whichever the method."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from randomiser.dose_finding import Act, DoseDesign, DoseState, LevelState, recommend
from tests.unit.dose_finding.builders import make_design

LEVELS = 3
DESIGNS = {
    "three_plus_three": make_design("three_plus_three"),
    "rolling_six": make_design("rolling_six"),
    "boin": make_design("boin", per_level=30, people=60),
    "crm": make_design("crm", cohort=3, per_level=30, people=60),
    "logistic": make_design("crm", cohort=3, per_level=30, people=60, model="logistic"),
    "steep": make_design("crm", cohort=3, per_level=30, people=60, no_skip=False, coherent=False),
}


@st.composite
def states(draw: st.DrawFn) -> tuple[DoseState, DoseState]:
    """Whole cohorts with at least one person without a DLT, and the same with one DLT more."""
    levels = []
    for _ in range(LEVELS):
        judged = 3 * draw(st.integers(0, 2))
        levels.append(LevelState(judged, draw(st.integers(0, judged))))
    state = DoseState(draw(st.integers(0, LEVELS - 1)), tuple(levels))
    assume(state.here.evaluable)
    free = [k for k, one in enumerate(levels) if one.dlts < one.evaluable]
    assume(free)
    where = draw(st.sampled_from(free))
    worse = replace(levels[where], dlts=levels[where].dlts + 1)
    return state, state.with_level(where, worse)


def dose_of(design: DoseDesign, state: DoseState) -> int:
    """The index of the level recommended; below all levels when the part is stopped."""
    found = recommend(design, state)
    assert found.act not in (Act.WAIT, Act.COMMITTEE)
    return -1 if found.level is None else found.level


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(DESIGNS))
@settings(max_examples=150)
@given(pair=states())
def test_a_dlt_more_never_raises_the_dose(name: str, pair: tuple[DoseState, DoseState]) -> None:
    before, after = pair

    assert dose_of(DESIGNS[name], after) <= dose_of(DESIGNS[name], before)
