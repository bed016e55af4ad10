"""What the unblinded statistician is shown about the lists of a design."""

from __future__ import annotations

from collections.abc import Sequence

from capture import clock
from capture.randomisation.designs.service.design_warnings import list_design_warnings
from capture.randomisation.designs.service.list_state import ListState, list_list_states
from capture.web.perform import reading, services
from forms.definition import Study


def make_list_notices(study: Study, name: str, *, knows_list: bool) -> dict[str, Sequence[object]]:
    """Return warnings about the waiting design, the use of lists, and blocks left unfinished.

    All of it is empty for a user who may not know the lists.
    """
    states: list[ListState] = []
    advice: list[str] = []
    if knows_list:
        asked = (reading(), services().concealment, study, name)
        states, advice = list_list_states(*asked), list_design_warnings(*asked)
    return {
        "advice": advice,
        "lists": list_lines(states),
        "low": low(states),
        "unfinished": list_unfinished(states),
    }


def list_lines(states: Sequence[ListState]) -> list[tuple[str, ...]]:
    """Return each list as a row of words: version, stratum, places used.

    Where a list has an end, also the rows left and the forecast of its end.
    """
    ends = any(state.places is not None for state in states)
    return [
        (
            str(state.design_version),
            _stratum(state),
            str(state.used),
            *(_end(state) if ends else ()),
        )
        for state in states
    ]


def _end(state: ListState) -> tuple[str, str]:
    left = "" if state.left is None else str(state.left)
    return left, clock.day_words(state.runs_out.isoformat()) if state.runs_out else ""


def low(states: Sequence[ListState]) -> list[str]:
    """Return the lists that are running out, in words."""
    return [
        f"{_stratum(state)}: {state.left} of {state.places} rows left"
        for state in states
        if state.is_low
    ]


def _stratum(state: ListState) -> str:
    return ", ".join(state.levels) or "all"


def list_unfinished(states: Sequence[ListState]) -> list[str]:
    """Return how far the last block of each list is, which a new design version would leave."""
    return [
        f"{_stratum(state)}: places used: {state.used}; of its last block, which is not finished, "
        f"{state.in_block} {'is' if state.in_block == 1 else 'are'} used"
        for state in states
        if state.is_active and state.in_block
    ]
