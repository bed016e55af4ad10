"""Dates: REDCap's datediff, and calendar-exact ages and months at their boundaries."""

from __future__ import annotations

import pytest

from forms.expressions import UNKNOWN, Value
from tests.unit.expressions.scopes import kleene, redcap


@pytest.mark.parametrize(
    "text, value",
    [
        ("datediff('2024-01-01', '2024-01-31', 'd')", 30),
        ("datediff('2024-01-31', '2024-01-01', 'd')", 30),
        ("datediff('2024-01-31', '2024-01-01', 'd', true)", -30),
        ("datediff('2024-01-31', '2024-01-01', 'd', 'ymd', true)", -30),
        ("datediff('2024-01-31', '2024-01-01', 'd', 'ymd')", 30),
        ("datediff('2024-01-31', '2024-01-01', 'd', false)", 30),
        ("datediff('01-31-2024', '02-01-2024', 'd', 'mdy')", 1),
        ("datediff('31/01/2024', '01/02/2024', 'd', 'dmy', 1)", 1),
        ("datediff('01-31-2024', '02-01-2024', 'd')", None),
        ("datediff('2024-01-01', '2024-01-02', 'h')", 24),
        ("datediff('2024-01-01 10:00', '2024-01-01 11:30', 'm')", 90),
        ("datediff('2024-01-01 10:00:00', '2024-01-01T10:00:09', 's')", 9),
        ("datediff('2024-01-01', '2024-01-02 12:00', 'd')", 1.5),
        ("datediff('2000-01-01', '2400-01-01', 'y')", 146097 / 365.2425),  # one Gregorian cycle
        ("datediff('2024-01-01', '2024-01-31', 'M')", 2_592_000 / 2_630_016),  # 30 / 30.44
        ("datediff('2026-02-27', 'today', 'd')", 2),
        ("datediff('2026-03-01', 'NOW', 'h')", 10.5),
        ("datediff([b], 'today', 'd')", None),
        ("datediff('2024', 'today', 'd')", None),
        ("datediff('2023-02-29', 'today', 'd')", None),
        ("datediff('2024-01-01', '2024-01-02', 'w')", None),
    ],
)
def test_datediff(text: str, value: Value) -> None:
    assert redcap(text) == value


@pytest.mark.parametrize(
    "birth, on, years",
    [
        ("2008-03-02", "2026-03-01", 17),  # the day before the 18th birthday
        ("2008-03-01", "2026-03-01", 18),  # the birthday
        ("2008-02-29", "2026-02-28", 17),  # born on a leap day: 18 on 1 March of a common year
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-28", 19),
        ("2008-02-29", "2028-02-29", 20),  # a leap year has the day itself
        ("1999-12-31", "2000-01-01", 0),
        ("2026-03-01", "2026-03-01", 0),
    ],
)
def test_age_counts_birthdays_by_the_calendar(birth: str, on: str, years: float) -> None:
    assert kleene("age_years([birth], [on])", birth=birth, on=on) == years
    assert redcap("age_at_date([birth], [on])", birth=birth, on=on) == years


def test_age_before_birth_is_no_age() -> None:
    assert redcap("age_years('2026-03-02', '2026-03-01')") is None
    assert redcap("age_months('2026-03-02', '2026-03-01')") is None
    assert kleene("age_years('2026-03-02', '2026-03-01')") is UNKNOWN


def test_age_with_fraction_counts_days_between_two_birthdays() -> None:
    assert redcap("age_at_date('2000-03-01', '2026-03-01', true)") == 26.0
    assert redcap("age_at_date('2000-01-01', '2001-07-02', true)") == 1 + 182 / 365


@pytest.mark.parametrize(
    "start, end, months",
    [
        ("2023-04-15", "2026-03-14", 34),  # the day before 35 months
        ("2023-04-15", "2026-03-15", 35),
        ("2023-01-15", "2026-03-14", 37),
        ("2023-01-15", "2026-03-15", 38),
        ("2023-01-15", "2026-04-14", 38),
        ("2023-01-15", "2026-04-15", 39),
        ("2024-01-31", "2024-02-29", 0),  # 31 February does not exist: complete on 1 March
        ("2024-01-31", "2024-03-01", 1),
        ("2023-03-31", "2026-02-28", 34),
        ("2023-03-31", "2026-03-01", 35),
        ("2024-02-29", "2025-02-28", 11),
        ("2024-02-29", "2025-03-01", 12),
        ("2024-02-28", "2024-03-27", 0),
        ("2024-05-05", "2024-05-05", 0),
    ],
)
def test_months_are_complete_on_the_day_or_on_the_first_after_a_day_that_is_not_there(
    start: str, end: str, months: float
) -> None:
    assert kleene("months_between([a], [b])", a=start, b=end) == months
    assert kleene("months_between([b], [a])", a=start, b=end) == -months
    assert kleene("age_months([a], [b])", a=start, b=end) == months


def test_days_from_is_signed_and_ignores_the_time_of_day() -> None:
    assert kleene("days_from('2024-02-28', '2024-03-01')") == 2
    assert kleene("days_from('2023-03-01', '2023-02-28')") == -1
    assert kleene("days_from('2024-01-01 23:59', '2024-01-02 00:01')") == 1


@pytest.mark.parametrize(
    "text, value",
    [
        ("dayoftheweek('2026-03-02')", 1),  # a Monday
        ("dayoftheweek(today)", 7),
        ("dayoftheweek('2000-02-29')", 2),
        ("year('2024-02-29')", 2024), ("month('2024-02-29 10:00')", 2), ("day('2024-02-29')", 29),
        ("year('2024')", 2024), ("month('2024-07')", 7), ("month('2024')", None),
        ("day('2024-07')", None), ("year('2024-13')", None), ("year('0000-01-01')", None),
        ("day('2024-04-31')", None), ("day('2024-4-3')", None), ("day('2024-04-03 24:00')", None),
        ("day('2024-04-03T10:00:00.5+01:00')", 3),
    ],
)  # fmt: skip
def test_parts_of_a_date(text: str, value: Value) -> None:
    assert redcap(text) == value


@pytest.mark.parametrize("partial", ["2024", "2024-03"])
def test_partial_dates_have_no_age_and_no_distance(partial: str) -> None:
    for text in ("age_years([d], today)", "months_between([d], today)", "days_from([d], today)"):
        assert redcap(text, d=partial) is None
        assert kleene(text, d=partial) is UNKNOWN
