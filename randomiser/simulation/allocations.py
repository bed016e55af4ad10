"""Allocation of all participants of many trials, by any method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from randomiser.design import Design, is_adaptive
from randomiser.simulation.arrays import Real, Whole, Yes
from randomiser.simulation.arrivals import Arrivals
from randomiser.simulation.block_lists import block_lists
from randomiser.simulation.grouping import Groups, group_people
from randomiser.simulation.minimised import minimise_everybody
from randomiser.simulation.step_lists import step_lists

WHOLE_LISTS = {"permuted_blocks": block_lists}
"""Methods whose lists are not drawn one participant at a time."""


@dataclass(frozen=True)
class Allocated:
    """The arms of all participants.

    arm:      index of the arm by trial and arrival; the number of arms when a full list refused the
              participant.
    lists:    the participants grouped by list.
    in_lists: the same arms, one list after the other.
    informed, certain: as in `Drawn`; their order within a trial may differ from that of arrival, so
              only sums over a trial may use them.
    """

    arm: Whole
    lists: Groups
    in_lists: Whole
    informed: Real
    certain: Yes


def allocate_everybody(design: Design, arrivals: Arrivals, rng: np.random.Generator) -> Allocated:
    """Return the arms of all participants, allocated in the order of arrival."""
    lists = group_people(arrivals.stratum, arrivals.strata)
    if is_adaptive(design):
        drawn = minimise_everybody(design, arrivals, rng)
        arm, in_lists = drawn.arm, lists.sort(drawn.arm)
    else:
        draw = WHOLE_LISTS.get(design.method.name, step_lists)
        drawn = draw(design, lists.lengths, rng)
        arm, in_lists = lists.unsort(drawn.arm), drawn.arm
    return Allocated(arm, lists, in_lists, drawn.informed, drawn.certain)
