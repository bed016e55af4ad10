"""Check that visits can be planned: anchors, offsets, windows, arms and ends."""

from __future__ import annotations

from collections.abc import Sequence

from forms.checks.context import CheckContext
from forms.checks.names import known_events
from forms.definition import LOG_VISIT, Repeats, Span, Timing, Visit


def prove_visits(ground: CheckContext) -> None:
    """Note planned visits without an anchor, impossible spans and instruments that do not exist."""
    study = ground.study
    for visit in study.visits:
        path: list[str | int] = ["visits", visit.slug]
        for index, name in enumerate(visit.instruments):
            place = [*path, "instruments", index]
            ground.require_known(
                place, name, {instrument.name for instrument in study.instruments}, "instrument"
            )
        ground.require_unique([*path, "instruments"], visit.instruments, "entries of instrument")
        _anchor(ground, visit, path)
        _for_whom(ground, visit, path)
        if visit.repeats is not None:
            _repeats(ground, visit.repeats, path)
    _placed_instruments(ground)


def _anchor(ground: CheckContext, visit: Visit, path: Sequence[str | int]) -> None:
    if visit.unscheduled:
        if visit.anchor is not None or visit.repeats is not None or visit.by_cohort:
            words = "an unscheduled visit has no anchor, repeats or by_cohort; remove them"
            ground.problem(path, words)
        return
    _timing(ground, visit, visit, path)
    for cohort, timing in visit.by_cohort.items():
        _timing(ground, visit, timing, [*path, "by_cohort", cohort])
    events = known_events(ground.study)
    for index, name in enumerate(visit.until):
        ground.require_known([*path, "until", index], name, events, "event")


def _timing(ground: CheckContext, visit: Visit, timing: Timing, path: Sequence[str | int]) -> None:
    events = known_events(ground.study)
    if timing.anchor is None:
        ground.problem(
            path, f"visit `{visit.slug}` needs an `anchor`, the event it is counted from"
        )
    else:
        ground.require_known([*path, "anchor"], timing.anchor, events, "event")
    _span(ground, [*path, "offset"], timing.offset)
    if timing.due is not None:
        ground.require_known([*path, "due"], timing.due, events, "event")
        if visit.repeats is not None:
            words = "a visit with `due` happens once; remove `due` or `repeats`"
            ground.problem([*path, "due"], words)


def _span(ground: CheckContext, path: Sequence[str | int], span: Span) -> None:
    if (span.days is None) == (span.months is None):
        ground.problem(path, "give either `days` or `months`, not both and not neither")


def _for_whom(ground: CheckContext, visit: Visit, path: Sequence[str | int]) -> None:
    study = ground.study
    arms = [arm.arm for randomisation in study.randomisations for arm in randomisation.arms]
    for index, name in enumerate(visit.arms):
        ground.require_known([*path, "arms", index], name, arms, "arm")
    cohorts = [cohort.name for cohort in study.cohorts]
    for index, name in enumerate(visit.cohorts):
        ground.require_known([*path, "cohorts", index], name, cohorts, "cohort")
    for name in visit.by_cohort:
        place = [*path, "by_cohort", name]
        ground.require_known(place, name, visit.cohorts or cohorts, "cohort of this visit")


def _repeats(ground: CheckContext, repeats: Repeats, path: Sequence[str | int]) -> None:
    every: list[str | int] = [*path, "repeats", "every"]
    _span(ground, every, repeats.every)
    if (repeats.every.days or repeats.every.months or 0) <= 0:
        ground.problem(every, "visits repeat forwards; use a number above 0")
    if repeats.titles and repeats.times is not None and len(repeats.titles) != repeats.times:
        words = f"there are {len(repeats.titles)} titles for {repeats.times} occurrences"
        ground.problem([*path, "repeats", "titles"], words)


def _placed_instruments(ground: CheckContext) -> None:
    study = ground.study
    for instrument in study.instruments:
        at_visits = study.visits_with(instrument.name)
        if instrument.log and at_visits:
            words = f"`{instrument.name}` is a log (`{LOG_VISIT}`), so no visit may list it"
            ground.problem(["visits", at_visits[0].slug, "instruments"], words)
        if not instrument.log and not at_visits:
            path = ["instruments", instrument.name]
            words = f"instrument `{instrument.name}` is at no visit and is no log; add it"
            ground.problem(path, words)
