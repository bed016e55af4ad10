"""CRM and TITE-CRM held to published fits, and to the same sums done another way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import exp, log, sqrt

import pytest

from randomiser.dose_finding import Act, DoseState, LevelState, recommend
from randomiser.dose_finding.crm import nearest
from randomiser.dose_finding.curve import curve, most_likely, posterior_mean
from tests.unit.dose_finding.builders import make_design, make_state

CHEUNG = make_state(3, (0, 0), (0, 0), (2, 0), (1, 0), (2, 1))
"""Doses and outcomes of the example in Cheung 2011, page 21: 3N 5N 5T 3N 4N."""


@pytest.mark.parametrize(
    "model, printed",
    [
        ("logistic", [0.00768, 0.0265, 0.0817, 0.182, 0.331]),
        ("empiric", [0.00701, 0.0299, 0.101, 0.219, 0.372]),
    ],
)
def test_published_fit(model: str, printed: list[float]) -> None:
    """As printed for R package dfcrm in the vignette A205-CRM of R package escalation."""
    design = make_design("crm", how_many=5, model=model)

    rates = posterior_mean(design, CHEUNG.levels).rates

    assert [float(f"{rate:.3g}") for rate in rates] == printed
    assert recommend(design, CHEUNG).level == 3


def test_published_fit_with_follow_up() -> None:
    """As printed in the vignette A280-TITE: people at 1 1 2 2 3 3, weights 1 1 1 0.9 1 0.5."""
    design = make_design("tite_crm", how_many=5, model="logistic")
    levels = (
        LevelState(2),
        LevelState(1, 0, 1, followed=(Fraction(9, 10),)),
        LevelState(1, 1, 1, followed=(Fraction(1, 2),)),
        LevelState(),
        LevelState(),
    )

    rates = posterior_mean(design, levels).rates

    assert [float(f"{rate:.3g}") for rate in rates] == [0.0748, 0.164, 0.31, 0.46, 0.599]
    assert recommend(design, DoseState(2, levels)).level == 2


@pytest.mark.parametrize("outcomes, level", [("1NNN 2NTN", 1), ("1NNN 2NTT", 0)])
def test_published_recommendation(outcomes: str, level: int) -> None:
    """Of the manual of get_dfcrm and of the tests of R package escalation."""
    guesses = tuple(Fraction(text) for text in ("0.05", "0.1", "0.25", "0.4", "0.6"))
    design = make_design("crm", how_many=5, skeleton=guesses, cohort=3)
    dlts = outcomes.count("T")

    state = make_state(1, (3, 0), (3, dlts), (0, 0), (0, 0), (0, 0))

    assert recommend(design, state).level == level


def simpson(height: Callable[[float], float], low: float, high: float, parts: int) -> float:
    step = (high - low) / parts
    inner = sum(height(low + step * k) * (4 if k % 2 else 2) for k in range(1, parts))
    return (height(low) + inner + height(high)) * step / 3


def mean_by_simpson(people: Sequence[tuple[float, int, int]], variance: float) -> float:
    """The posterior mean of the power model, by another rule, over another range."""

    def density(b: float) -> float:
        value = exp(-b * b / variance / 2)
        for guess, judged, dlts in people:
            rate = guess ** exp(b)
            value *= rate**dlts * (1 - rate) ** (judged - dlts)
        return value

    total = simpson(density, -8, 8, 8000)
    return simpson(lambda b: b * density(b), -8, 8, 8000) / total


@pytest.mark.parametrize(
    "seen", [((3, 0), (6, 2), (3, 3)), ((1, 0), (0, 0), (0, 0)), ((9, 4),) * 3]
)
def test_posterior_mean_is_the_integral(seen: tuple[tuple[int, int], ...]) -> None:
    design = make_design("crm", how_many=3)
    guesses = [float(guess) for guess in design.skeleton]
    people = [(g, n, d) for g, (n, d) in zip(guesses, seen, strict=True)]

    found = posterior_mean(design, make_state(0, *seen).levels)

    assert found.parameter == pytest.approx(mean_by_simpson(people, 1.34), abs=1e-9)


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_both_curves_give_the_skeleton_at_nought(model: str) -> None:
    design = make_design("crm", how_many=5, model=model)

    assert curve(design)(0.0) == pytest.approx([0.05, 0.12, 0.25, 0.4, 0.55])


@pytest.mark.parametrize("judged, dlts", [(3, 1), (6, 5), (10, 2)])
def test_maximum_likelihood_at_one_level_is_the_observed_rate(judged: int, dlts: int) -> None:
    """Closed form: the likelihood of one level is largest where its rate is the observed one."""
    design = make_design("crm", how_many=3, estimate="maximum_likelihood")

    fit = most_likely(design, make_state(1, (0, 0), (judged, dlts), (0, 0)).levels)

    assert fit is not None
    assert fit.rates[1] == pytest.approx(dlts / judged, abs=1e-7)
    assert fit.parameter == pytest.approx(log(log(dlts / judged) / log(0.12)), abs=1e-6)


def test_logistic_maximum_likelihood_balances_expected_and_seen() -> None:
    """Its score equation: sum of x (seen - expected) over people is 0, x as in the curve."""
    design = make_design("crm", how_many=5, model="logistic", estimate="maximum_likelihood")

    fit = most_likely(design, CHEUNG.levels)

    assert fit is not None
    places = [log(g / (1 - g)) - 3 for g in (0.05, 0.12, 0.25, 0.4, 0.55)]
    parts = zip(places, CHEUNG.levels, fit.rates, strict=True)
    assert sum(
        x * (level.dlts - level.evaluable * rate) for x, level, rate in parts
    ) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("people, level", [((3, 0), 2), ((3, 3), 0)])
def test_without_a_curve_one_level_by_what_is_seen(people: tuple[int, int], level: int) -> None:
    design = make_design("crm", estimate="maximum_likelihood", cohort=3)
    below = (0, 0) if people[1] else (3, 0)

    assert recommend(design, make_state(1, below, people, (0, 0))).level == level


def test_no_level_is_skipped() -> None:
    seen = make_state(0, (6, 0), (0, 0), (0, 0), (0, 0), (0, 0))

    held = recommend(make_design("crm", how_many=5), seen)
    free = recommend(make_design("crm", how_many=5, no_skip=False), seen)

    assert held.level == 1
    assert free.level is not None
    assert free.level > 1


def test_not_up_from_a_level_above_the_target() -> None:
    """A steep first guess would go up after one DLT of three; coherence keeps it."""
    guesses = tuple(Fraction(text) for text in ("0.01", "0.02", "0.03"))
    design = make_design("crm", skeleton=guesses, cohort=3)
    state = make_state(1, (12, 0), (3, 1), (0, 0))

    bold = recommend(make_design("crm", skeleton=guesses, cohort=3, coherent=False), state)

    assert bold.act is Act.ESCALATE
    assert recommend(design, state).act is Act.STAY


def test_equally_near_rates_take_the_lower_dose() -> None:
    assert nearest([0.1, 0.2, 0.3], 0.25) == 1
    assert nearest([0.1, 0.2 - 4e-7, 0.3], 0.25) == 1


def test_stops_when_the_lowest_level_is_too_toxic() -> None:
    found = recommend(make_design("crm", cohort=3), make_state(0, (3, 3), (0, 0), (0, 0)))

    assert (found.act, found.closed) == (Act.STOP, 0)


def test_the_dose_is_among_the_levels_tried() -> None:
    design = make_design("crm", people=6, cohort=3)

    found = recommend(design, make_state(1, (3, 0), (3, 0), (0, 0)))

    assert (found.act, found.level) == (Act.MTD, 1)


def test_a_level_with_enough_people_ends_it() -> None:
    design = make_design("crm", per_level=9, cohort=3)

    found = recommend(design, make_state(1, (3, 0), (9, 2), (0, 0)))

    assert found.act is Act.MTD


def test_follow_up_waits_for_nobody_until_the_end() -> None:
    design = make_design("tite_crm", people=6, cohort=3)
    half = (Fraction(1, 2),) * 3
    early = DoseState(0, (LevelState(0, 0, 3, followed=half), LevelState(), LevelState()))
    last = DoseState(1, (LevelState(3), LevelState(0, 0, 3, followed=half), LevelState()))

    assert recommend(design, early).slots == 3
    assert recommend(design, last).act is Act.WAIT


def test_prior_variance_matters_as_the_integral_says() -> None:
    design = make_design("crm", how_many=3, prior_variance=Fraction(1, 4))
    people = [(0.05, 3, 0), (0.12, 3, 1), (0.25, 0, 0)]

    found = posterior_mean(design, make_state(0, (3, 0), (3, 1), (0, 0)).levels)

    assert found.parameter == pytest.approx(mean_by_simpson(people, sqrt(0.25) ** 2), abs=1e-9)


def test_the_widest_prior_that_is_taken_is_still_summed_exactly() -> None:
    design = make_design("crm", how_many=3, prior_variance=Fraction(10))
    people = [(0.05, 3, 0), (0.12, 3, 1), (0.25, 0, 0)]

    found = posterior_mean(design, make_state(0, (3, 0), (3, 1), (0, 0)).levels)

    assert found.parameter == pytest.approx(mean_by_simpson(people, 10), abs=1e-9)
