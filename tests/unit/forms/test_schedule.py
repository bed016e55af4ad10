"""Planning visits: months by the calendar, open-ended repeats, windows, for whom."""

from __future__ import annotations

from datetime import date

import pytest

from forms.definition import Repeats, Span, Study, Visit, Window
from forms.schedule import Course, DatedEvent, add_months, planned_visits
from tests.unit.forms.studies import demo


@pytest.mark.parametrize(
    "day, months, result",
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 8, 31), 7, date(2025, 3, 31)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -13, date(2022, 12, 15)),
        (date(9999, 1, 1), 12, date.max),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_a_short_month(
    day: date, months: int, result: date
) -> None:
    assert add_months(day, months) == result


def _study(visit: Visit) -> Study:
    return demo().model_copy(update={"visits": (visit,)})


def _course(*events: DatedEvent, **more: object) -> Course:
    return Course(events=events, horizon=date(2025, 6, 30), **more)  # type: ignore[arg-type]


CONSENT = DatedEvent("consent", date(2025, 1, 31))


def _visit(**more: object) -> Visit:
    plain = {"slug": "v", "title": "V", "anchor": "consent", "instruments": ("leg_use",)}
    return Visit.model_validate(plain | more)


def test_monthly_visits_are_counted_from_the_anchor_not_from_each_other() -> None:
    visit = _visit(offset=Span(months=1), repeats=Repeats(every=Span(months=1), times=3))
    plan = planned_visits(_study(visit), _course(CONSENT))

    assert [one.target for one in plan] == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]


def test_a_visit_counted_from_the_previous_one_follows_its_actual_date() -> None:
    visit = _visit(
        repeats=Repeats(every=Span(days=21), times=3, counted_from="previous"),
    )
    late = {("v", 2): date(2025, 2, 25)}  # planned for 21 February
    plan = planned_visits(_study(visit), _course(CONSENT, actual=late))

    assert [one.target for one in plan] == [date(2025, 1, 31), date(2025, 2, 21), date(2025, 3, 18)]


def test_an_open_ended_visit_is_planned_up_to_the_horizon_or_its_event() -> None:
    visit = _visit(repeats=Repeats(every=Span(days=30)), until=("fall",))
    endless = planned_visits(_study(visit), _course(CONSENT))
    ended = planned_visits(_study(visit), _course(CONSENT, DatedEvent("fall", date(2025, 3, 2))))

    assert endless[-1].target == date(2025, 6, 30)  # 31 January + 5 x 30 days
    assert [one.occurrence for one in ended] == [1, 2]  # the second is on the day of the fall


def test_a_visit_that_became_due_only_after_its_end_is_not_planned() -> None:
    later = {"due": "allocation", "window": Window(after=60)}
    visit = _visit(offset=Span(days=14), until=("fall",), **later)
    fall = DatedEvent("fall", date(2025, 3, 2))
    drawn = DatedEvent("allocation.exercise", date(2025, 3, 3))

    assert planned_visits(_study(visit), _course(CONSENT, drawn, fall)) == []
    (kept,) = planned_visits(_study(visit), _course(CONSENT, drawn))
    assert kept.target == date(2025, 3, 3)  # not on 14 February, when it was not due yet


def test_without_its_anchor_a_visit_is_not_planned() -> None:
    assert planned_visits(_study(_visit()), _course()) == []


def test_of_two_events_of_one_name_the_earlier_counts() -> None:
    again = DatedEvent("consent", date(2025, 3, 1))
    plan = planned_visits(_study(_visit()), _course(again, CONSENT))

    assert [one.target for one in plan] == [date(2025, 1, 31)]


def test_allocation_alone_means_the_only_randomisation() -> None:
    plan = planned_visits(demo(), _course(DatedEvent("allocation.exercise", date(2025, 1, 31))))

    assert [one.title for one in plan] == ["Month 1", "Month 2", "Month 3"]


@pytest.mark.parametrize("cohort, count", [("knee", 1), ("hip", 0), (None, 0)])
def test_a_visit_of_a_cohort_is_for_that_cohort(cohort: str | None, count: int) -> None:
    plan = planned_visits(_study(_visit(cohorts=("knee",))), _course(CONSENT, cohort=cohort))

    assert len(plan) == count


def test_a_condition_that_is_not_surely_true_plans_nothing() -> None:
    study = _study(_visit(condition="[ed_walks] = 'yes'"))

    assert planned_visits(study, _course(CONSENT)) == []
    assert len(planned_visits(study, _course(CONSENT, holds=lambda _text: True))) == 1


def test_an_unscheduled_visit_is_never_planned() -> None:
    visit = _visit(unscheduled=True, anchor=None)

    assert planned_visits(_study(visit), _course(CONSENT)) == []


def test_the_window_includes_both_ends() -> None:
    visit = _visit(window=Window(before=2, after=3))
    (one,) = planned_visits(_study(visit), _course(CONSENT))

    assert (one.earliest, one.latest) == (date(2025, 1, 29), date(2025, 2, 3))
