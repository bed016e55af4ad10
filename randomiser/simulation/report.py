"""The report on a design before it is activated: simulated and exact figures, and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from randomiser.design import Design, parameters_of
from randomiser.simulation.advice import POSITIONS, Trial, departure_of, warnings
from randomiser.simulation.characteristics import Characteristics
from randomiser.simulation.exact import (
    Chances,
    Departure,
    list_exactly,
    positions_to_follow,
    scale_of,
)
from randomiser.simulation.exact_adaptive import arrivals_exactly
from randomiser.simulation.exact_strata import (
    StrataExactly,
    is_feasible,
    short_strata,
    strata_exactly,
)
from randomiser.simulation.run import simulate


@dataclass(frozen=True)
class Exactly:
    """Exact figures, as decimal numbers, next to the simulated ones."""

    converged: float
    informed: float
    certain: float
    strata_mean: float
    strata_sd: float
    overall_sd: float | None
    empty: float


@dataclass(frozen=True)
class Report:
    """Simulated characteristics of a design, exact figures and warnings.

    chances:   each arm's exact chance at the first list positions or, for adaptive methods, for the
               first to arrive; index 0 is the first.
    departure: the largest departure of such a chance from the arm's share; None when there is none.
    short:     exact mean number of non-empty strata in which no block is ever completed; None for
               methods without blocks.
    exactly:   None when counting every case would take too long.
    """

    design: Design
    simulated: Characteristics
    exactly: Exactly | None
    chances: tuple[Chances, ...]
    departure: Departure | None
    short: float | None
    warnings: tuple[str, ...]

    def as_plain(self) -> dict[str, object]:
        """Return the report as a JSON object, with exact chances as fractions in text."""
        return {
            "method": self.design.method.name,
            "parameters": parameters_of(self.design),
            "simulated": self.simulated.as_plain(),
            "exactly": None if self.exactly is None else vars(self.exactly),
            "chances": [[str(chance) for chance in chances] for chances in self.chances],
            "departure": None if self.departure is None else _plain(self.departure),
            "short": self.short,
            "warnings": list(self.warnings),
        }


def report_on(design: Design, trial: Trial, *, trials: int, seed: int) -> Report:
    """Simulate a design for a trial and return the report.

    Raises PopulationProblem naming every reason.
    """
    simulated = simulate(design, trial.population, trials=trials, people=trial.people, seed=seed)
    departure, _ = departure_of(design, trial.population)
    return Report(
        design=design,
        simulated=simulated,
        exactly=_exactly(design, trial),
        chances=_chances(design, trial),
        departure=departure,
        short=short_strata(design, trial.population, trial.people),
        warnings=tuple(warnings(design, trial, departure)),
    )


def _chances(design: Design, trial: Trial) -> tuple[Chances, ...]:
    if design.minimised:
        return arrivals_exactly(design, trial.population, POSITIONS).arms
    return list_exactly(design, positions_to_follow(design, POSITIONS)).arms


def _exactly(design: Design, trial: Trial) -> Exactly | None:
    if not is_feasible(design, trial.population, trial.people):
        return None
    found = strata_exactly(design, trial.population, trial.people)
    return _numbers(found, scale_of([arm.ratio for arm in design.arms]))


def _numbers(found: StrataExactly, scale: int) -> Exactly:
    overall = found.overall_square
    return Exactly(
        converged=float(found.converged),
        informed=float(found.informed),
        certain=float(found.certain),
        strata_mean=float(found.mean_lead) / scale,
        strata_sd=float(found.square_lead) ** 0.5 / scale,
        overall_sd=None if overall is None else float(overall) ** 0.5 / scale,
        empty=float(found.empty),
    )


def _plain(departure: Departure) -> dict[str, object]:
    return {
        name: str(value) if isinstance(value, Fraction) else value
        for name, value in vars(departure).items()
    }
