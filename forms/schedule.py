"""The planned visits of a participant: calendar-exact dates from dated events, nothing else."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from forms.definition import Span, Study, Timing, Visit

ENDS_EVERYTHING = ("death", "data_withdrawal", "followup_withdrawal")
"""Events after which no visit at all is planned; the earlier ones stay open for late entry."""


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """Something that happened on a day: `consent`, `recurrence`, `allocation.duration` …"""

    name: str
    on: date


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One occurrence of a visit with its target date and window, both ends included."""

    slug: str
    occurrence: int
    title: str
    anchor: str
    target: date
    earliest: date
    latest: date
    instruments: tuple[str, ...]
    counted_from: date


@dataclass(frozen=True, slots=True)
class Course:
    """What decides a participant's visits, beside the study.

    events: dated events; of several of one name the earliest counts.
    arms: the arms allocated. cohort: the cohort, if any.
    holds: answers whether a visit's condition is true; unknown must answer False.
    actual: the actual dates of occurrences already made, for visits counted from the previous one.
    horizon: open-ended visits are planned up to this day.
    ends: whether events end visits; False asks what would be planned had none of them ended.
    """

    events: Sequence[DatedEvent]
    horizon: date
    arms: frozenset[str] = frozenset()
    cohort: str | None = None
    holds: Callable[[str], bool] = lambda _condition: False
    actual: Mapping[tuple[str, int], date] = field(default_factory=dict)
    ends: bool = True


def planned_visits(study: Study, course: Course) -> list[PlannedVisit]:
    """Plan every visit the participant is due for, by target date.

    A month-end rule: months are counted from the anchor's own day, and where a month is too short
    its last day is taken (31 August + 6 months = 28 or 29 February, + 7 months = 31 March).
    A visit with `due` is planned once that event has happened, and due from its day on.
    An occurrence whose target lies after one of its `until` events is not planned; one on the
    day of the event or before it is. Unscheduled visits are never planned.
    """
    planned = [
        occurrence
        for visit in study.visits
        if _is_for(visit, course)
        for occurrence in _occurrences(study, visit, course)
    ]
    order = {visit.slug: position for position, visit in enumerate(study.visits)}
    return sorted(planned, key=lambda plan: (plan.target, order[plan.slug], plan.occurrence))


def add_months(day: date, months: int) -> date:
    """Count calendar months on; where the month is too short, its last day.

    A month outside the calendar (before year 1, after 9999) gives the calendar's end.
    """
    count = day.year * 12 + day.month - 1 + months
    if not 12 <= count < 120_000:
        return date.max if months > 0 else date.min
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _is_for(visit: Visit, course: Course) -> bool:
    if visit.unscheduled or (visit.arms and not course.arms.intersection(visit.arms)):
        return False
    if visit.cohorts and course.cohort not in visit.cohorts:
        return False
    return visit.condition is None or course.holds(visit.condition)


def _occurrences(study: Study, visit: Visit, course: Course) -> Iterator[PlannedVisit]:
    timing = visit.timing(course.cohort)
    anchor = timing.anchor or ""
    start = _first_day(study, course, (anchor,))
    due = start if timing.due is None else _first_day(study, course, (timing.due,))
    if start is None or due is None:
        return
    until = (*visit.until, *ENDS_EVERYTHING) if course.ends else ()
    end = _first_day(study, course, until)
    for number, counted in enumerate(_targets(visit, timing, start, course), start=1):
        plan = _plan(visit, timing, number, counted, start)
        if timing.due is not None:
            plan = _not_before(plan, due)
        if end is not None and plan.target > end:
            return
        yield plan


def _first_day(study: Study, course: Course, names: Sequence[str]) -> date | None:
    wanted = {study.event_name(name) for name in names}
    days = [event.on for event in course.events if study.event_name(event.name) in wanted]
    return min(days, default=None)


def _targets(visit: Visit, timing: Timing, start: date, course: Course) -> Iterator[date]:
    first = _move_day(start, timing.offset, 1)
    yield first
    repeats = visit.repeats
    if repeats is None:
        return
    number, target = 2, first
    while repeats.times is None or number <= repeats.times:
        if repeats.counted_from == "previous":
            target = _move_day(
                course.actual.get((visit.slug, number - 1), target), repeats.every, 1
            )
        else:
            target = _from_anchor(timing, start, repeats.every, number - 1)
        if repeats.times is None and target > course.horizon:
            return
        yield target
        number += 1


def _from_anchor(timing: Timing, start: date, every: Span, steps: int) -> date:
    if timing.offset.months is not None and every.months is not None:
        return add_months(start, timing.offset.months + steps * every.months)
    return _move_day(_move_day(start, timing.offset, 1), every, steps)


def _move_day(day: date, span: Span, steps: int) -> date:
    if span.months is not None:
        return add_months(day, span.months * steps)
    return _plus_days(day, (span.days or 0) * steps)


def _plus_days(day: date, days: int) -> date:
    ordinal = min(max(day.toordinal() + days, 1), date.max.toordinal())
    return date.fromordinal(ordinal)


def _not_before(plan: PlannedVisit, day: date) -> PlannedVisit:
    """Return the same, due from a day on; never past the end of its window, which stays."""
    target, earliest = (min(max(bound, day), plan.latest) for bound in (plan.target, plan.earliest))
    return replace(plan, target=target, earliest=earliest)


def _plan(visit: Visit, timing: Timing, number: int, target: date, start: date) -> PlannedVisit:
    return PlannedVisit(
        slug=visit.slug,
        occurrence=number,
        title=visit.occurrence_title(number),
        anchor=timing.anchor or "",
        target=target,
        earliest=_plus_days(target, -timing.window.before),
        latest=_plus_days(target, timing.window.after),
        instruments=visit.instruments,
        counted_from=start,
    )
