"""The cut-off: what happened after a day is left out, whenever it was recorded."""

from __future__ import annotations

from datetime import date

from capture.export.participant_record import ParticipantRecord, cut_off
from tests.unit.export.cases import UNION, Told


def cut_at(told: Told, day: str) -> ParticipantRecord:
    case = cut_off(told.case, UNION, date.fromisoformat(day))
    assert case is not None
    return case


def test_somebody_screened_after_it_is_left_out() -> None:
    assert cut_off(Told().case, UNION, date(2020, 1, 9)) is None


def test_somebody_enrolled_after_it_is_still_screened() -> None:
    person = cut_at(Told(), "2020-01-11").person

    assert (person["status"], person["enrolled_on"], person["participant_number"]) == (
        "screened",
        None,
        None,
    )


def test_an_ending_after_it_has_not_happened_yet() -> None:
    told = Told(state="died").happened("death", "2021-05")

    assert cut_at(told, "2021-04-30").person["participation"] == "on_study"
    # Of a date without a day the first possible day counts.
    assert cut_at(told, "2021-05-01").person["participation"] == "died"


def test_leaving_treatment_before_it_is_not_leaving_the_study() -> None:
    told = Told(state="withdrawn").happened("treatment_withdrawal", "2021-03-01")
    told.happened("followup_withdrawal", "2022-03-01")

    assert cut_at(told, "2021-12-31").person["participation"] == "on_study"
    assert cut_at(told, "2022-03-01").person["participation"] == "withdrawn"


def test_somebody_lost_at_the_time_is_lost_whatever_came_later() -> None:
    told = Told(state="died").happened("loss", "2021-03-01", "2021-03-01", "returned")
    told.happened("return", "2022-03-01", "2022-03-01").happened("death", "2023-03-01")

    states = [
        cut_at(told, day).person["participation"]
        for day in ("2021-02-28", "2021-03-01", "2022-02-28", "2022-03-01", "2023-03-01")
    ]

    assert states == ["on_study", "lost", "lost", "on_study", "died"]


def test_entries_go_by_their_assessment_date() -> None:
    told = Told().entered("imaging", "imaging", assessed="2021-01-01")
    told.entered("imaging", "imaging", occurrence=2, assessed="2021-01-02")

    assert [one["occurrence"] for one in cut_at(told, "2021-01-01").entries] == [1]


def test_log_entries_go_by_the_first_date_they_hold() -> None:
    told = Told().entered("recurrence", "log", recurrence_date="2021-02")

    assert cut_at(told, "2021-01-31").entries == ()
    assert len(cut_at(told, "2021-02-01").entries) == 1


def test_entries_without_assessment_date_go_by_their_visit_not_by_dates_they_hold() -> None:
    told = Told(screened_on="2020-01-01").visited("baseline", "2020-01-01", "2020-01-20")
    told.entered("demography", "baseline", birth_date="1961-05-14")
    told.entered("gist_history", "baseline", gist_surgery_date="2020-02-10")
    told.entries[0]["visit"] = told.entries[1]["visit"] = "visit-1"

    # She was born long before, and her operation lay ahead: both were told at the visit.
    assert cut_at(told, "2020-01-19").entries == ()
    assert len(cut_at(told, "2020-01-20").entries) == 2


def test_entries_without_any_date_stay() -> None:
    told = Told().entered("recurrence", "log")

    assert len(cut_at(told, "2020-02-01").entries) == 1


def test_visits_go_by_actual_date_then_target() -> None:
    told = Told().visited("imaging", "2021-01-01", "2021-01-20")
    told.visited("imaging", "2021-01-10", None)

    assert [one["id"] for one in cut_at(told, "2021-01-15").visits] == ["visit-2"]
    assert [one["id"] for one in cut_at(told, "2021-01-20").visits] == ["visit-1", "visit-2"]
