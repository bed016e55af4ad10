"""The continual reassessment method (CRM)."""

from __future__ import annotations

from collections.abc import Sequence

from randomiser.dose_finding.boin import is_over, is_too_toxic
from randomiser.dose_finding.cohorts import is_between_cohorts, with_cohort_unharmed
from randomiser.dose_finding.curve import Fit, most_likely, posterior_mean
from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import Act, DoseState, Recommendation

TOLERANCE = 1e-6
"""Two levels whose rates are equally far from the target up to this: the lower one is taken."""


def decide(design: DoseDesign, state: DoseState) -> Recommendation:
    """Recommend the level whose DLT rate under the curve is nearest to the target.

    No outcome is awaited in this state. A cohort is completed first unless going down is already
    certain. Maximum likelihood has no curve until there are both DLTs and participants without:
    until then it goes up one level without DLTs and down one level with only DLTs. When all
    participants are evaluated, or the open level has the most participants allowed, the recommended
    dose is chosen among the levels tried. The part stops when the lowest level is too toxic by its
    own participants (`boin.chance_too_toxic`, at least three participants).
    Source: as `curve`; one level up at a time, Goodman, Zahurak and Piantadosi, Stat Med
    1995;14:1149-1161; not up above the target, Cheung, Biometrika 2005;92:863-873 (coherence).
    """
    if is_too_toxic(design, state.levels[0]):
        words = f"The lowest level is too toxic: {state.levels[0].dlts} of "
        words += f"{state.levels[0].evaluable} with a DLT"
        return Recommendation(Act.STOP, None, f"{words}.", people(design, state), closed=0)
    if not is_between_cohorts(design, state):
        return _within_cohort(design, state)
    fit = fit_curve(design, state)
    if is_over(design, state):
        return end(design, state, fit)
    return follow(design, state, fit)


def fit_curve(design: DoseDesign, state: DoseState) -> Fit | None:
    """Return the curve by the design's estimate; None while maximum likelihood has none."""
    if design.estimate == "bayes":
        return posterior_mean(design, state.levels)
    return most_likely(design, state.levels)


def follow(design: DoseDesign, state: DoseState, fit: Fit | None) -> Recommendation:
    """Recommend the level that the curve gives, as far as `no_skip` and `coherent` allow."""
    here = state.current
    wanted = _without_curve(state) if fit is None else nearest(fit.rates, float(design.rate))
    level, held = wanted, ""
    if design.no_skip and level > here + 1:
        level, held = here + 1, "; one level at a time"
    level = max(min(level, len(design.levels) - 1), 0)
    if design.coherent and level > here and _is_above_target(design, state):
        level, held = here, "; not up from a level with a DLT rate above the target"
    if fit is None:
        words = (
            "There is no curve yet (no participant or every participant had a DLT), so the level "
            "changes by one"
        )
    else:
        words = f"Level {design.levels[wanted]} has the DLT rate nearest to the target"
    act = Act.STAY if level == here else Act.ESCALATE if level > here else Act.DE_ESCALATE
    return Recommendation(act, level, f"{words}{held}.", numbers(design, state, fit))


def _without_curve(state: DoseState) -> int:
    dlts = sum(level.dlts for level in state.levels)
    return state.current - 1 if dlts else state.current + 1


def _is_above_target(design: DoseDesign, state: DoseState) -> bool:
    level = state.here
    return level.dlts > design.rate * level.evaluable


def nearest(rates: Sequence[float], target: float) -> int:
    """Return the index of the rate nearest to the target; of equally near ones the lowest."""
    best = min(abs(rate - target) for rate in rates)
    return next(k for k, rate in enumerate(rates) if abs(rate - target) <= best + TOLERANCE)


def end(design: DoseDesign, state: DoseState, fit: Fit | None) -> Recommendation:
    """Recommend the dose with the nearest rate among the levels up to the highest one tried."""
    tried = max(k for k, level in enumerate(state.levels) if level.treated)
    if fit is None:
        chosen = min(max(_without_curve(state), 0), tried)
    else:
        chosen = nearest(fit.rates[: tried + 1], float(design.rate))
    words = "All participants are evaluated; the level tried that is nearest the target is taken."
    return Recommendation(Act.MTD, chosen, words, numbers(design, state, fit))


def _within_cohort(design: DoseDesign, state: DoseState) -> Recommendation:
    if state.here.evaluable:
        best = decide(design, with_cohort_unharmed(design, state))
        if best.act in (Act.DE_ESCALATE, Act.STOP):
            known = numbers(design, state, fit_curve(design, state))
            return Recommendation(best.act, best.level, best.reason, known, closed=best.closed)
    words = f"The cohort at level {design.levels[state.current]} is not complete."
    return Recommendation(Act.STAY, state.current, words, people(design, state))


def people(design: DoseDesign, state: DoseState) -> tuple[tuple[str, str], ...]:
    """Return the participants of each level that has any, in words."""
    named = zip(design.levels, state.levels, strict=True)
    return tuple(
        (f"level {name}", f"{level.dlts} of {level.evaluable} with a DLT")
        for name, level in named
        if level.evaluable
    )


def numbers(design: DoseDesign, state: DoseState, fit: Fit | None) -> tuple[tuple[str, str], ...]:
    """Return what the decision uses: target, parameter, and participants and rate of each level."""
    found = [("target", f"{float(design.rate):g}")]
    if fit is None:
        return (*found, *people(design, state))
    found.append(("parameter", f"{fit.parameter:.4f}"))
    for name, level, rate in zip(design.levels, state.levels, fit.rates, strict=True):
        seen = f"{level.dlts} of {level.evaluable} with a DLT, "
        found.append((f"level {name}", f"{seen if level.evaluable else ''}rate {rate:.4f}"))
    return tuple(found)
