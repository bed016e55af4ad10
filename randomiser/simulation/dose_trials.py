"""Operating characteristics of dose finding: many trials simulated at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf

import numpy as np
from numpy.typing import NDArray

from randomiser.dose_finding import Act, DoseDesign, DoseState, LevelState, StateProblem, recommend

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
RUNNING, STOPPED, COMMITTEE = -1, -2, -3
"""How a trial stands; a number from 0 on is the level it recommends."""
MOST_ARRIVALS = 2_000


@dataclass(frozen=True)
class Scenario:
    """The true chances at each level in the simulated trials.

    dlt:         chance of a DLT, the lowest level first.
    met:         chance to meet the second condition, if the design has one.
    every_days:  days from one participant to the next (rolling six and TITE-CRM, which do not wait
                 for whole cohorts).
    window_days: length of the DLT window in days; a DLT is equally likely on each day of it.
    """

    dlt: tuple[float, ...]
    met: tuple[float, ...] = ()
    every_days: float = 10
    window_days: float = 28

    def __post_init__(self) -> None:
        """Raise StateProblem for chances outside 0 to 1 and days that are not above 0."""
        if any(not 0 <= chance <= 1 for chance in (*self.dlt, *self.met)):
            raise StateProblem("A chance is not from 0 to 1.")
        if not all(0 < days < inf for days in (self.every_days, self.window_days)):
            raise StateProblem("The days between participants and the window must be above 0.")


@dataclass(frozen=True)
class Characteristics:
    """The operating characteristics, as shares of trials and means over trials.

    selected:     share of trials that recommend each level.
    stopped:      share of trials that recommend none.
    committee:    share of trials left to the committee.
    people, dlts: mean number of participants and of DLTs at each level.
    """

    trials: int
    selected: tuple[float, ...]
    stopped: float
    committee: float
    people: tuple[float, ...]
    dlts: tuple[float, ...]

    @property
    def people_in_all(self) -> float:
        """Mean number of participants in a trial."""
        return sum(self.people)

    @property
    def dlts_in_all(self) -> float:
        """Mean number of DLTs in a trial."""
        return sum(self.dlts)


@dataclass
class Trials:
    """The state of all trials: counts by trial and level, open level and status of each trial."""

    judged: Whole
    dlts: Whole
    met: Whole
    current: Whole
    stands: Whole = field(init=False)

    def __post_init__(self) -> None:
        self.stands = np.full(len(self.current), RUNNING)

    @classmethod
    def fresh(cls, design: DoseDesign, trials: int) -> Trials:
        """Return trials without participants, each open at its first level."""
        shape = (trials, len(design.levels))
        judged, dlts, met = (np.zeros(shape, np.int64) for _ in range(3))
        return cls(judged, dlts, met, np.full(trials, design.start))

    def at_open(self, counts: Whole) -> Whole:
        """Return the count at the open level of every trial."""
        return np.take_along_axis(counts, self.current[:, None], 1)[:, 0]

    def treat(self, which: Whole, people: Whole, dlts: Whole, met: Whole) -> None:
        """Add participants whose outcomes are known to the open levels of the trials `which`."""
        level = self.current[which]
        self.judged[which, level] += people
        self.dlts[which, level] += dlts
        self.met[which, level] += met

    def summarise(self) -> Characteristics:
        """Return the operating characteristics of trials that have all ended."""
        levels = range(self.judged.shape[1])
        return Characteristics(
            trials=len(self.current),
            selected=tuple(float((self.stands == level).mean()) for level in levels),
            stopped=float((self.stands == STOPPED).mean()),
            committee=float((self.stands == COMMITTEE).mean()),
            people=tuple(float(mean) for mean in self.judged.mean(0)),
            dlts=tuple(float(mean) for mean in self.dlts.mean(0)),
        )


Drawn = Callable[[Whole, Whole], tuple[Whole, Whole]]


def draw_outcomes(scenario: Scenario, seed: int) -> Drawn:
    """Draw DLTs and second conditions of participants at these levels."""
    generator = np.random.default_rng(seed)
    dlt = np.array(scenario.dlt)
    met = np.array(scenario.met) if scenario.met else np.zeros(len(scenario.dlt))

    def draw(levels: Whole, people: Whole) -> tuple[Whole, Whole]:
        return generator.binomial(people, dlt[levels]), generator.binomial(people, met[levels])

    return draw


class Followed:
    """The recommendations of the live engine, computed once for each state that occurs."""

    def __init__(self, design: DoseDesign) -> None:
        self.design = design
        self.known: dict[bytes, tuple[int, int, int]] = {}

    def __call__(self, trials: Trials, which: Whole, pending: Whole | None = None) -> Whole:
        """Return the status, the level to open and the places there of each trial in `which`."""
        waiting = np.zeros_like(trials.judged) if pending is None else pending
        open_ = trials.current[which, None]
        counts = (trials.judged, trials.dlts, waiting, trials.met)
        keys = np.hstack([open_, *(count[which] for count in counts)]).astype(np.int16)
        states, places = np.unique(keys, axis=0, return_inverse=True)
        answers = np.array([self._answer(state) for state in states])
        return answers[places.reshape(-1)]

    def _answer(self, state: NDArray[np.int16]) -> tuple[int, int, int]:
        key = state.tobytes()
        if key not in self.known:
            self.known[key] = self._ask([int(count) for count in state])
        return self.known[key]

    def _ask(self, state: Sequence[int]) -> tuple[int, int, int]:
        size, current, counts = len(self.design.levels), state[0], state[1:]
        parts = zip(*(counts[size * k : size * (k + 1)] for k in range(4)), strict=True)
        levels = tuple(LevelState(*part) for part in parts)
        found = recommend(self.design, DoseState(current, levels))
        if found.act is Act.MTD and found.level is not None:
            return found.level, current, 0
        ends = {Act.STOP: STOPPED, Act.COMMITTEE: COMMITTEE}
        if found.act in ends:
            return ends[found.act], current, 0
        return RUNNING, current if found.level is None else found.level, found.slots


def simulate_by_cohorts(
    design: DoseDesign, scenario: Scenario, trials: int, seed: int
) -> Characteristics:
    """Simulate trials of a table with every outcome known before the next decision."""
    state, ask, draw = Trials.fresh(design, trials), Followed(design), draw_outcomes(scenario, seed)
    while len(running := np.flatnonzero(state.stands == RUNNING)):
        answers = ask(state, running)
        state.stands[running], state.current[running] = answers[:, 0], answers[:, 1]
        going = running[(answers[:, 0] == RUNNING) & (answers[:, 2] > 0)]
        people = answers[(answers[:, 0] == RUNNING) & (answers[:, 2] > 0), 2]
        dlts, met = draw(state.current[going], people)
        state.treat(going, people, dlts, met)
        _refuse_standstill(running, going, answers)
    return state.summarise()


def _refuse_standstill(running: Whole, going: Whole, answers: Whole) -> None:
    if len(running) and not len(going) and bool((answers[:, 0] == RUNNING).all()):
        raise StateProblem("The design neither opens a place nor ends in some state.")


def simulate_one_by_one(
    design: DoseDesign, scenario: Scenario, trials: int, seed: int
) -> Characteristics:
    """Simulate trials of a table with a participant arriving every few days.

    A participant who arrives while no place is open is not in the trial. A DLT is known on its day,
    the absence of a DLT at the end of the window.
    """
    state, ask = Trials.fresh(design, trials), Followed(design)
    generator = np.random.default_rng(seed)
    chances = np.array(scenario.dlt)
    coming: list[tuple[float, int, int, bool]] = []
    pending = np.zeros_like(state.judged)
    for arrival in range(MOST_ARRIVALS):
        now = arrival * scenario.every_days
        coming = _learn(state, pending, coming, now)
        running = np.flatnonzero(state.stands == RUNNING)
        if not len(running):
            return state.summarise()
        answers = ask(state, running, pending)
        state.stands[running], state.current[running] = answers[:, 0], answers[:, 1]
        going = running[(answers[:, 0] == RUNNING) & (answers[:, 2] > 0)]
        level = state.current[going]
        pending[going, level] += 1
        has_dlt = generator.random(len(going)) < chances[level]
        days = np.where(has_dlt, generator.random(len(going)), 1.0) * scenario.window_days + now
        told = zip(days.tolist(), going.tolist(), level.tolist(), has_dlt.tolist(), strict=True)
        coming.extend(told)
    raise StateProblem("The design does not end.")


def _learn(
    state: Trials, pending: Whole, coming: list[tuple[float, int, int, bool]], now: float
) -> list[tuple[float, int, int, bool]]:
    for day, trial, level, has_dlt in coming:
        if day <= now:
            pending[trial, level] -= 1
            state.judged[trial, level] += 1
            state.dlts[trial, level] += has_dlt
    return [arrival for arrival in coming if arrival[0] > now]
