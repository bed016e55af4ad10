"""Time to event, each expected value worked by hand from the endpoint's declaration."""

from __future__ import annotations

from datetime import date

import pytest

from capture.export.endpoints import EndpointOutcome, find_outcome
from capture.export.participant_record import cut_off
from forms.definition import Endpoint
from tests.unit.export.cases import SITE, UNION, Told

RFS = next(one for one in UNION.newest.endpoints if one.name == "rfs")
OS = next(one for one in UNION.newest.endpoints if one.name == "os")


def changed(endpoint: Endpoint, **parts: object) -> Endpoint:
    return endpoint.model_copy(update=parts)


def outcome_of(told: Told, endpoint: Endpoint = RFS) -> EndpointOutcome:
    found = find_outcome(endpoint, UNION, told.case, SITE)
    assert found is not None
    return found


def imaged(told: Told, on: str, result: str, occurrence: int = 1) -> Told:
    return told.entered(
        "imaging", "imaging", occurrence=occurrence, assessed=on, img_date=on, img_result=result
    )


def test_recurrence_ends_the_time_on_its_date() -> None:
    told = Told().allocated("2020-02-01").happened("recurrence", "2021-02-01")

    found = outcome_of(told)

    # 2020 is a leap year: from 1 February 2020 to 1 February 2021 are 366 days.
    assert (found.days, found.censor, found.event) == (366, 0, "Recurrence")
    assert (found.domain, found.variable) == ("recurrence", "recurrence_date")
    assert found.why_censored is None


def test_29_february_counts_as_a_day() -> None:
    told = Told().allocated("2020-02-28").happened("death", "2020-02-29")

    assert outcome_of(told).days == 1


def test_the_first_of_recurrence_and_death_counts() -> None:
    told = Told().allocated("2020-02-01").happened("death", "2022-05-01")
    told.happened("recurrence", "2021-12-24")

    assert (outcome_of(told).end, outcome_of(told).event) == (date(2021, 12, 24), "Recurrence")
    assert (outcome_of(told, OS).end, outcome_of(told, OS).event) == (date(2022, 5, 1), "Death")


def test_without_event_the_last_evaluable_imaging_censors() -> None:
    told = Told().allocated("2020-02-01")
    imaged(told, "2020-08-01", "none")
    imaged(told, "2021-02-01", "none", 2)
    imaged(told, "2021-08-01", "not_evaluable", 3)
    told.entered("follow_up", "followup", assessed="2021-11-01")

    found = outcome_of(told)

    assert (found.end, found.censor, found.event) == (date(2021, 2, 1), 1, None)
    assert found.why_censored == "Last evaluable assessment"
    assert (found.domain, found.variable) == ("imaging", "assessment_date")


def test_imaging_not_done_or_hidden_is_not_evaluable() -> None:
    told = Told().allocated("2020-02-01")
    told.entered("imaging", "imaging", assessed="2020-08-01", status="not_done", img_result="none")
    told.entered(
        "imaging",
        "imaging",
        occurrence=2,
        assessed="2021-02-01",
        flags=("img_result",),
        img_result="none",
    )

    assert outcome_of(told).days == 0


def test_without_any_evaluable_imaging_the_time_is_censored_at_the_origin() -> None:
    told = imaged(Told(), "2020-01-15", "none").allocated("2020-02-01")

    found = outcome_of(told)

    assert (found.start, found.end, found.censor) == (date(2020, 2, 1), date(2020, 2, 1), 1)
    assert "none after the origin" in (found.why_censored or "")
    assert found.variable == "allocated_on"


def test_last_contact_censors_overall_survival() -> None:
    told = Told().allocated("2020-02-01").visited("imaging", "2020-08-01", "2020-08-03")
    told.entered("follow_up", "followup", assessed="2021-02-02")
    told.happened("loss", "2021-03-05")

    found = outcome_of(told, OS)

    # The date of loss to follow-up is the date of the last contact.
    assert (found.end, found.censor) == (date(2021, 3, 5), 1)
    assert (found.domain, found.variable) == ("participants", "loss_date")


def test_last_contact_ignores_forms_not_done_and_visits_to_come() -> None:
    told = Told().allocated("2020-02-01").visited("followup", "2021-02-01", None)
    told.entered("follow_up", "followup", assessed="2021-02-02", status="not_done")

    assert outcome_of(told, OS).days == 0


@pytest.mark.parametrize(
    "rule, on, days",
    [
        # From 1 June to 31 August are 91 days; August has 31 days, its middle one is the 16th.
        ("earliest", "2020-08-01", 61),
        ("midpoint", "2020-08-16", 76),
        ("latest", "2020-08-31", 91),
    ],
)
def test_an_unknown_day_is_stood_for_as_declared(rule: str, on: str, days: int) -> None:
    told = Told().allocated("2020-06-01").happened("recurrence", "2020-08")

    found = outcome_of(told, changed(RFS, partial_dates=rule))

    assert (found.end.isoformat(), found.days, found.flag) == (on, days, "D")


def test_the_middle_of_a_year_stands_for_an_unknown_month() -> None:
    told = Told().allocated("2020-06-01").happened("death", "2021")

    # 2 July is the 183rd of 365 days.
    assert (outcome_of(told).end, outcome_of(told).flag) == (date(2021, 7, 2), "M")


def test_an_imputed_day_never_lies_before_the_origin() -> None:
    told = Told().allocated("2020-08-20").happened("recurrence", "2020-08")

    assert outcome_of(told).days == 0


@pytest.mark.parametrize(
    "cutoff, end",
    [
        (date(2021, 3, 31), date(2021, 3, 31)),
        (date(2021, 7, 2), date(2021, 7, 2)),  # the middle of 2021: 182 of its 365 days went by
        (date(2021, 12, 31), date(2021, 7, 2)),
    ],
)
def test_an_imputed_day_never_lies_after_the_cutoff(cutoff: date, end: date) -> None:
    told = Told().allocated("2020-02-01").happened("recurrence", "2021")
    case = cut_off(told.case, UNION, cutoff)
    assert case is not None

    found = find_outcome(RFS, UNION, case, SITE)

    assert found is not None
    assert (found.end, found.censor, found.flag) == (end, 0, "M")


def test_a_month_that_ended_before_the_origin_stays_where_it_was() -> None:
    told = Told().allocated("2020-08-20").happened("recurrence", "2020-06")

    # 15 June to 20 August: 15 + 31 + 20 days. An event before the origin must be seen.
    assert outcome_of(told).days == -66


def test_a_full_date_is_not_flagged_as_imputed() -> None:
    told = Told().allocated("2020-02-01").happened("recurrence", "2021-02-01")

    assert outcome_of(told).flag is None


def test_a_competing_event_ends_the_time_as_another_outcome() -> None:
    relapse = changed(RFS, events=("recurrence",), competing=("death",))
    told = Told().allocated("2020-02-01").happened("death", "2020-03-01")

    found = outcome_of(told, relapse)

    # February 2020 has 29 days.
    assert (found.days, found.censor, found.event) == (29, 2, "Death")


def test_of_event_and_competing_event_on_one_day_the_event_counts() -> None:
    relapse = changed(RFS, events=("recurrence",), competing=("death",))
    told = Told().allocated("2020-02-01").happened("death", "2020-03-01")
    told.happened("recurrence", "2020-03-01")

    assert outcome_of(told, relapse).censor == 0


def test_an_event_may_count_from_the_assessment_that_found_it() -> None:
    found_at = changed(RFS, event_date="assessment_date")
    told = imaged(Told().allocated("2020-02-01"), "2020-08-10", "recurrence")
    told.happened("recurrence", "2020-07-15", source="entry-1")

    assert outcome_of(told, found_at).end == date(2020, 8, 10)
    assert outcome_of(told).end == date(2020, 7, 15)


def test_an_event_that_counts_from_an_assessment_after_the_cutoff_has_not_happened() -> None:
    told = imaged(Told().allocated("2020-02-01"), "2020-06-01", "none")
    imaged(told, "2020-08-10", "recurrence", 2)
    told.happened("recurrence", "2020-07-15", source="entry-2")
    case = cut_off(told.case, UNION, date(2020, 7, 31))
    assert case is not None

    found_at = find_outcome(changed(RFS, event_date="assessment_date"), UNION, case, SITE)
    recorded = find_outcome(RFS, UNION, case, SITE)

    assert found_at is not None
    assert recorded is not None
    assert (found_at.end, found_at.censor) == (date(2020, 6, 1), 1)
    assert (recorded.end, recorded.censor) == (date(2020, 7, 15), 0)


def test_of_an_event_told_twice_the_earlier_date_counts() -> None:
    told = Told().allocated("2020-02-01").happened("recurrence", "2021-05-01", source="b")
    told.happened("recurrence", "2021-04-01", source="a")

    assert outcome_of(told).end == date(2021, 4, 1)


def test_somebody_never_randomised_has_no_time() -> None:
    assert find_outcome(RFS, UNION, Told().happened("death", "2021-01-01").case, SITE) is None


def test_cutoff_takes_an_event_away_and_censors_before_it() -> None:
    told = imaged(Told().allocated("2020-02-01"), "2020-08-01", "none")
    told.happened("recurrence", "2021-02-01")
    case = cut_off(told.case, UNION, date(2021, 1, 31))

    assert case is not None
    found = find_outcome(RFS, UNION, case, SITE)
    assert found is not None
    assert (found.end, found.censor) == (date(2020, 8, 1), 1)
