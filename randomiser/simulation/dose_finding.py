"""Operating characteristics of any dose-finding design under a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from randomiser.dose_finding import DoseDesign, StateProblem
from randomiser.simulation.dose_curves import simulate_by_curve, simulate_by_follow_up
from randomiser.simulation.dose_intervals import simulate_by_intervals
from randomiser.simulation.dose_trials import (
    Characteristics,
    Scenario,
    simulate_by_cohorts,
    simulate_one_by_one,
)

_LIVED: Mapping[str, Callable[[DoseDesign, Scenario, int, int], Characteristics]] = {
    "three_plus_three": simulate_by_cohorts,
    "table": simulate_by_cohorts,
    "rolling_six": simulate_one_by_one,
    "boin": simulate_by_intervals,
    "crm": simulate_by_curve,
    "tite_crm": simulate_by_follow_up,
}
MOST_TRIALS = 1_000_000


def simulate(design: DoseDesign, scenario: Scenario, trials: int, seed: int) -> Characteristics:
    """Simulate trials of the design and return its operating characteristics.

    Trials proceed in whole cohorts, with every outcome known before the next decision; rolling six
    and TITE-CRM proceed by days. The same seed and release of numpy give the same result. Raises
    StateProblem.
    """
    if len(scenario.dlt) != len(design.levels):
        raise StateProblem(
            f"The scenario has {len(scenario.dlt)} chances of a DLT, the design "
            f"{len(design.levels)} levels."
        )
    needed = len(design.levels) if design.second_condition else 0
    if len(scenario.met) != needed:
        raise StateProblem(
            f"Give {needed} chances to meet the second condition, one for each level."
            if needed
            else "The design has no second condition; leave its chances out."
        )
    if not 1 <= trials <= MOST_TRIALS:
        raise StateProblem(f"The number of trials is 1 to {MOST_TRIALS:,}.")
    return _LIVED[design.method](design, scenario, trials, seed)
