"""The time-to-event continual reassessment method (TITE-CRM)."""

from __future__ import annotations

from randomiser.dose_finding.boin import is_too_toxic
from randomiser.dose_finding.crm import end, fit_curve, follow, people
from randomiser.dose_finding.design import DoseDesign
from randomiser.dose_finding.state import Act, DoseState, Recommendation


def decide(design: DoseDesign, state: DoseState) -> Recommendation:
    """Recommend as the CRM does, with awaited outcomes weighted by their follow-up.

    Registration does not wait for outcomes: a participant without a DLT after the share w of the
    window contributes 1 - w p. Until a participant has been evaluated or followed the first level
    stays open. The recommended dose is named when all participants have been evaluated.
    Source: Cheung and Chappell, Biometrics 2000;56:1177-1182, linear weights.
    """
    if is_too_toxic(design, state.levels[0]):
        words = f"The lowest level is too toxic: {state.levels[0].dlts} of "
        words += f"{state.levels[0].evaluable} with a DLT."
        return Recommendation(Act.STOP, None, words, people(design, state), closed=0)
    seen = state.evaluable + sum(sum(level.followed) for level in state.levels)
    if not seen or _is_within_cohort(design, state):
        words = f"The cohort at level {design.levels[state.current]} is not complete."
        return Recommendation(Act.STAY, state.current, words, people(design, state))
    fit = fit_curve(design, state)
    if _is_full(design, state):
        if state.pending:
            words = f"All participants are treated; {state.pending} outcomes are awaited."
            return Recommendation(Act.WAIT, None, words, people(design, state))
        return end(design, state, fit)
    return follow(design, state, fit)


def _is_within_cohort(design: DoseDesign, state: DoseState) -> bool:
    treated, dlts = state.here.treated, state.here.dlts
    return not dlts and treated % design.cohort != 0 and not _is_full(design, state)


def _is_full(design: DoseDesign, state: DoseState) -> bool:
    in_all = design.people is not None and state.treated >= design.people
    return in_all or state.here.treated >= design.per_level
