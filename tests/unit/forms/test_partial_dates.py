"""Partial dates: which days they can mean. Month lengths are the Gregorian calendar's."""

from __future__ import annotations

from datetime import date

import pytest

from forms.partial_dates import NoSuchDate, parse_iso


@pytest.mark.parametrize(
    "iso, earliest, midpoint, latest",
    [
        ("2024", date(2024, 1, 1), date(2024, 7, 1), date(2024, 12, 31)),
        ("2023", date(2023, 1, 1), date(2023, 7, 2), date(2023, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 15), date(2024, 2, 29)),
        ("2023-03", date(2023, 3, 1), date(2023, 3, 16), date(2023, 3, 31)),
        ("2023-03-09", date(2023, 3, 9), date(2023, 3, 9), date(2023, 3, 9)),
    ],
)
def test_a_partial_date_has_an_earliest_a_middle_and_a_latest_day(
    iso: str, earliest: date, midpoint: date, latest: date
) -> None:
    read = parse_iso(iso)

    assert (read.earliest, read.midpoint, read.latest) == (earliest, midpoint, latest)
    assert read.iso == iso


@pytest.mark.parametrize(
    "text", ["", "24", "2024-3", "2024-13", "2023-02-29", "0000", "2024-01-01x"]
)
def test_what_no_calendar_has_is_no_date(text: str) -> None:
    with pytest.raises(NoSuchDate):
        parse_iso(text)
