"""Simulated trials: the same decisions as the live engine, and its exact chances within a bound.

A share of n trials lies further than e from its chance with at most 2 exp(-2 n e²) (Hoeffding): for
20,000 trials and e = 0.016 once in 14,000 runs, and the seed is fixed.
"""

from __future__ import annotations

from fractions import Fraction
from math import inf

import numpy as np
import pytest

from randomiser.dose_finding import Act, DoseDesign, DoseState, LevelState, StateProblem, recommend
from randomiser.dose_finding.boin import estimates
from randomiser.dose_finding.curve import most_likely, posterior_mean
from randomiser.simulation.dose_curves import Course, Curve, _estimate_rates, _follow, fit_curves
from randomiser.simulation.dose_finding import simulate
from randomiser.simulation.dose_intervals import _decide, boundaries, isotonic
from randomiser.simulation.dose_trials import COMMITTEE, RUNNING, STOPPED, Scenario, Trials
from tests.unit.dose_finding.builders import PARC, make_design
from tests.unit.dose_finding.every_trial import exact_ends

pytestmark = pytest.mark.slow

TRIALS, BOUND, SEED = 20_000, 0.016, 4
RATES = (Fraction(1, 10), Fraction(3, 10))
EXACT = {
    "three_plus_three": make_design("three_plus_three", how_many=2),
    "boin": make_design("boin", how_many=2, people=9, per_level=6),
    "crm": make_design("crm", how_many=2, people=6, per_level=6, cohort=2),
    "likelihood": make_design(
        "crm", how_many=2, people=6, per_level=6, cohort=2, estimate="maximum_likelihood"
    ),
}


@pytest.mark.parametrize("name", sorted(EXACT))
def test_shares_lie_within_the_bound_of_the_exact_chances(name: str) -> None:
    design = EXACT[name]
    exact = exact_ends(design, RATES)

    found = simulate(design, Scenario(tuple(map(float, RATES))), TRIALS, SEED)

    for level, share in enumerate(found.selected):
        assert share == pytest.approx(float(exact.get(level, 0)), abs=BOUND)
    assert found.stopped == pytest.approx(float(exact.get(None, 0)), abs=BOUND)
    assert sum(found.selected) + found.stopped == pytest.approx(1)


def states(design: DoseDesign, how_many: int) -> Trials:
    """Counts in whole cohorts as trials could have them, and some that none would."""
    generator = np.random.default_rng(SEED)
    trials = Trials.fresh(design, how_many)
    most = design.per_level // design.cohort
    trials.judged = generator.integers(0, most, trials.judged.shape) * design.cohort
    trials.dlts = generator.binomial(trials.judged, generator.random((how_many, 1)))
    trials.current = generator.integers(0, len(design.levels), how_many)
    empty = trials.at_open(trials.judged) == 0
    trials.judged[empty, trials.current[empty]] = design.cohort
    return trials


def live(design: DoseDesign, trials: Trials) -> list[tuple[int, int]]:
    """How each trial stands and where it is open next, as the live engine says."""
    found = []
    for judged, dlts, current in zip(trials.judged, trials.dlts, trials.current, strict=True):
        pairs = zip(judged.tolist(), dlts.tolist(), strict=True)
        levels = tuple(LevelState(*pair) for pair in pairs)
        answer = recommend(design, DoseState(int(current), levels))
        if answer.act in (Act.MTD, Act.STOP):
            found.append((STOPPED if answer.level is None else answer.level, -1))
        else:
            assert answer.level is not None
            found.append((RUNNING, answer.level))
    return found


def moved(trials: Trials) -> list[tuple[int, int]]:
    pairs = zip(trials.stands.tolist(), trials.current.tolist(), strict=True)
    return [(stands, current if stands == RUNNING else -1) for stands, current in pairs]


def test_boin_moves_as_the_live_engine_does() -> None:
    design = make_design("boin", how_many=4, people=30, per_level=15)
    trials = states(design, 400)
    expected = live(design, trials)

    _decide(design, trials, np.arange(400), boundaries(design))

    assert moved(trials) == expected


@pytest.mark.parametrize("estimate", ["bayes", "maximum_likelihood"])
@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_crm_moves_as_the_live_engine_does(estimate: str, model: str) -> None:
    design = make_design(
        "crm", how_many=4, cohort=3, per_level=12, people=30, model=model, estimate=estimate
    )
    trials = states(design, 150)
    expected = live(design, trials)

    fit = fit_curves(Curve.of(design), trials.judged, trials.dlts)
    closed = trials.dlts[:, 0] >= boundaries(design)[2][trials.judged[:, 0]]
    _follow(design, trials, np.arange(150), fit, closed)

    assert moved(trials) == expected


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_fits_are_those_of_the_live_engine(model: str) -> None:
    for estimate, estimator in (("bayes", posterior_mean), ("maximum_likelihood", most_likely)):
        design = make_design("crm", how_many=4, cohort=3, model=model, estimate=estimate)
        trials = states(design, 60)

        rates, known = fit_curves(Curve.of(design), trials.judged, trials.dlts)

        for row in np.flatnonzero(known):
            pairs = zip(trials.judged[row].tolist(), trials.dlts[row].tolist(), strict=True)
            fit = estimator(design, [LevelState(*pair) for pair in pairs])
            assert fit is not None
            assert rates[row].tolist() == pytest.approx(fit.rates, abs=1e-7)


def test_pending_people_count_as_in_the_live_engine() -> None:
    """Three at level 1: a DLT, 20 and 10 of 28 days passed; one at level 2: nothing passed."""
    design = make_design("tite_crm", how_many=3)
    state, course = Trials.fresh(design, 1), Course(1, 6, 28)
    course.level[0, :4] = (0, 0, 0, 1)
    course.came[0, :4] = (0, 10, 20, 30)
    course.due[0, :4] = (5, inf, 40, inf)

    course.update_known(state, 30)
    rates, _ = _estimate_rates(state, course, Curve.of(design), 30)

    shares = (Fraction(20, 28), Fraction(10, 28))
    fit = posterior_mean(
        design,
        [
            LevelState(1, 1, 2, followed=shares),
            LevelState(0, 0, 1, followed=(Fraction(0),)),
            LevelState(),
        ],
    )
    assert rates[0].tolist() == pytest.approx(fit.rates, abs=1e-9)


def test_follow_up_of_people_who_come_after_each_window_is_the_crm() -> None:
    rates = Scenario((0.1, 0.3), every_days=29, window_days=28)
    sizes = {"how_many": 2, "people": 6, "per_level": 6, "cohort": 1}
    exact = exact_ends(make_design("crm", **sizes), RATES)

    found = simulate(make_design("tite_crm", **sizes), rates, TRIALS, SEED)

    for level, share in enumerate(found.selected):
        assert share == pytest.approx(float(exact.get(level, 0)), abs=BOUND)


def test_rolling_six_of_people_who_come_after_each_window_is_its_table() -> None:
    rates = Scenario((0.1, 0.3), every_days=29, window_days=28)
    design = make_design("rolling_six", how_many=2)
    one_at_a_time = {}
    exact = exact_ends_one_at_a_time(design, one_at_a_time)

    found = simulate(design, rates, 4_000, SEED)

    for level, share in enumerate(found.selected):
        assert share == pytest.approx(float(exact.get(level, 0)), abs=0.036)


def exact_ends_one_at_a_time(
    design: DoseDesign, ends: dict[int | None, Fraction]
) -> dict[int | None, Fraction]:
    """As `exact_ends`, with a decision after each person."""
    alive = {DoseState(design.start, (LevelState(),) * 2): Fraction(1)}
    while alive:
        state, chance = alive.popitem()
        found = recommend(design, state)
        if found.act in (Act.MTD, Act.STOP):
            ends[found.level] = ends.get(found.level, Fraction(0)) + chance
            continue
        assert found.level is not None
        level = state.levels[found.level]
        for dlts, share in ((0, 1 - RATES[found.level]), (1, RATES[found.level])):
            after = LevelState(level.evaluable + 1, level.dlts + dlts)
            later = DoseState(found.level, state.levels).with_level(found.level, after)
            alive[later] = alive.get(later, Fraction(0)) + chance * share
    return ends


def test_vectorised_rising_rates_are_the_exact_ones() -> None:
    judged, dlts = np.array([[3, 6, 9, 3]]), np.array([[1, 0, 3, 1]])
    exact = estimates([LevelState(3, 1), LevelState(6, 0), LevelState(9, 3), LevelState(3, 1)])

    found = isotonic(judged, dlts, judged > 0)

    assert found[0].tolist() == pytest.approx([float(rate) for rate in exact])


def test_no_toxicity_at_all_ends_at_the_top() -> None:
    for method in ("three_plus_three", "rolling_six", "boin", "crm", "tite_crm"):
        found = simulate(make_design(method), Scenario((0.0, 0.0, 0.0)), 20, SEED)

        assert found.selected == (0.0, 0.0, 1.0)
        assert found.dlts_in_all == 0


def test_certain_toxicity_stops_at_the_lowest() -> None:
    for method in ("three_plus_three", "rolling_six", "boin"):
        found = simulate(make_design(method), Scenario((1.0, 1.0, 1.0)), 20, SEED)

        assert found.stopped == 1
        assert found.people_in_all == found.people[0] == found.dlts_in_all


def test_second_condition_decides_too() -> None:
    """Nobody ever depleted: up from 0/3 to the top, where the table leaves it to the committee."""
    design = make_design("table", table=PARC)

    found = simulate(design, Scenario((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), 20, SEED)

    assert (found.committee, found.people) == (1, (3, 3, 3))
    assert COMMITTEE not in (RUNNING, STOPPED)


def test_the_same_seed_gives_the_same_answer() -> None:
    first, again, other = (
        simulate(make_design("boin"), Scenario((0.1, 0.3, 0.5)), 500, seed) for seed in (1, 1, 2)
    )

    assert first == again != other


@pytest.mark.parametrize(
    "dlt, met, words",
    [
        ((0.1,), (), "1 chances of a DLT, the design 3 levels"),
        ((0.1, 0.2, 0.3), (0.5,) * 3, "no second condition"),
    ],
)
def test_a_scenario_of_another_design_is_refused(
    dlt: tuple[float, ...], met: tuple[float, ...], words: str
) -> None:
    with pytest.raises(StateProblem, match=words):
        simulate(make_design("boin"), Scenario(dlt, met), 10, SEED)


def test_a_missing_second_condition_is_refused() -> None:
    with pytest.raises(StateProblem, match="Give 3 chances"):
        simulate(make_design("table"), Scenario((0.1, 0.2, 0.3)), 10, SEED)


@pytest.mark.parametrize("chance", [-0.1, 1.1, float("nan")])
def test_a_chance_that_is_none_is_refused(chance: float) -> None:
    with pytest.raises(StateProblem, match="not from 0 to 1"):
        Scenario((chance, 0.2))


@pytest.mark.parametrize("trials", [0, 1_000_001])
def test_a_number_of_trials_that_is_none_is_refused(trials: int) -> None:
    with pytest.raises(StateProblem, match="The number of trials is 1 to 1,000,000"):
        simulate(make_design("boin"), Scenario((0.1, 0.2, 0.3)), trials, SEED)
