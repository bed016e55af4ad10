"""What may be asked for, in words that say what is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from capture import clock
from capture.export.request import read_cutoff, read_formats, read_moment
from capture.problems import InvalidInput

NOON = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text, formats",
    [
        ("csv", ("csv",)),
        ("parquet, CSV", ("csv", "parquet")),
        ("parquet", ("parquet",)),
    ],
)
def test_formats_are_named_with_commas_and_written_in_one_order(
    text: str, formats: tuple[str, ...]
) -> None:
    assert read_formats(text) == formats


@pytest.mark.parametrize("text", ["", " , ", "xpt", "csv,sas"])
def test_another_format_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_formats(text)


@pytest.mark.parametrize(
    "text, zone, moment",
    [
        # British summer time is an hour ahead of UTC, so the day ends at 23:00 UTC.
        ("2026-06-01", "Europe/London", "2026-06-01T22:59:59.999999Z"),
        ("2026-01-31", "Europe/London", "2026-01-31T23:59:59.999999Z"),
        # The clocks go back on 25 October 2026: that day has 25 hours.
        ("2025-10-26", "Europe/London", "2025-10-26T23:59:59.999999Z"),
        ("2024-02-29", "Australia/Sydney", "2024-02-29T12:59:59.999999Z"),
        ("2026-06-01T09:30:00Z", "Europe/London", "2026-06-01T09:30:00.000000Z"),
        ("2026-06-01T09:30:00+02:00", "Europe/London", "2026-06-01T07:30:00.000000Z"),
    ],
)
def test_a_bare_date_is_the_end_of_its_day_in_the_studys_zone(
    text: str, zone: str, moment: str
) -> None:
    with clock.running_at(NOON):
        assert read_moment(text, zone) == moment


@pytest.mark.parametrize(
    "text",
    ["2026-06-30", "2026-07-01", "9999-12-31", "2026-06-30T12:00:01Z", "2026-06-30T14:00:00Z"],
)
def test_the_future_is_refused(text: str) -> None:
    with clock.running_at(NOON), pytest.raises(InvalidInput, match="future"):
        read_moment(text, "Europe/London")


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2024-W05-1",
        "2026-02-29",
        "2026-6-1",
        "20260601",
        "2026-06-01T09:30:00",
        "1e999",
        "٢٠٢٦",
    ],
)
def test_what_is_no_instant_is_refused_in_words(text: str) -> None:
    with clock.running_at(NOON), pytest.raises(InvalidInput, match="is not a"):
        read_moment(text, "Europe/London")


def test_nothing_typed_means_now_and_no_cutoff() -> None:
    assert read_moment(" ", "Europe/London") is None
    assert read_cutoff("") is None


def test_cutoff_takes_29_february_of_a_leap_year_alone() -> None:
    assert read_cutoff("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(InvalidInput):
        read_cutoff("2023-02-29")


def test_a_week_is_no_cutoff() -> None:
    with pytest.raises(InvalidInput, match="is not a date"):
        read_cutoff("2024-W05-1")
