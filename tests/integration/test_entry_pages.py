"""The pages of entries: filling in, refusals, two tabs, drafts, queries, history, who sees what."""

from __future__ import annotations

import re

import pytest

from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.clinic import VALUES, Clinic, SignIn, Tab, make_clinic
from tests.support.trial import GIST


@pytest.fixture
def clinic(services: Services, sign_in: SignIn) -> Clinic:
    return make_clinic(services, sign_in)


# --- filling in -----------------------------------------------------------------------------------


def test_a_form_is_saved_and_the_outcome_is_focused(clinic: Clinic) -> None:
    tab = clinic.tab()
    answer = tab.save(**VALUES)
    page = clinic.again(tab).page

    assert answer.status_code == 303
    assert clinic.desk.stored().status == "complete"
    assert "Vital signs saved. It is complete." in page.text
    assert "data-focus" in page.text
    assert "1.82" in page.text


def test_save_and_next_leads_to_the_form_that_the_button_names(clinic: Clinic) -> None:
    tab = clinic.tab()
    answer = tab.save(**VALUES, act="next")

    assert "Save and go to Performance status" in tab.page.text
    assert answer.location == clinic.url("performance_status")


def test_a_refused_text_stays_on_the_page_and_the_valid_items_are_stored(clinic: Clinic) -> None:
    tab = clinic.tab()
    answer = tab.save(**{**VALUES, "weight_kg": "70,5"})
    later = clinic.again(tab).page

    assert answer.status_code == 422
    assert "Error: " in answer.text
    assert 'value="70,5"' in answer.text
    assert clinic.desk.stored().cells["height_cm"].value == "170"
    assert 'value="70,5"' in later.text
    assert "There is a problem" in later.text


def test_a_refused_page_can_be_corrected_and_saved(clinic: Clinic) -> None:
    tab = clinic.tab()
    refused = Tab(tab.visitor, tab.url, tab.save(**{**VALUES, "weight_kg": "70,5"}))

    answer = refused.save(**VALUES)

    assert answer.status_code == 303
    assert clinic.desk.stored().status == "complete"
    assert clinic.desk.draft() is None


def test_an_answer_no_longer_asked_is_shown_to_be_cleared_and_no_tick_is_offered(
    clinic: Clinic,
) -> None:
    key = Place("baseline", 1, "imatinib_history")
    clinic.desk.save({"imatinib_now": "yes", "imatinib_dose_mg": 400}, key)
    clinic.desk.save({"imatinib_now": "no"}, key)

    text = clinic.tab(url=clinic.url("imatinib_history")).page.text

    assert "this is no longer asked, so the stored answer is not used" in text
    assert 'href="#imatinib_dose_mg__confirm"' in text
    assert "Correct this value. Then save." in text
    assert re.search(r'id="imatinib_dose_mg__confirm"[^>]*data-not-asked', text)
    assert 'name="imatinib_dose_mg__confirm"' not in text
    assert 'value="400"' in text


def test_an_odd_value_is_asked_about_once_and_then_confirmed(clinic: Clinic) -> None:
    tab = clinic.tab()
    assert tab.save(**{**VALUES, "weight_kg": "131"}, act="next").location == tab.url
    asked = clinic.again(tab)
    key = re.search(r'name="weight_kg__confirm"[^>]*value="([^"]+)"', asked.page.text)
    assert key is not None

    asked.save(**{**VALUES, "weight_kg": "131", "weight_kg__confirm": key[1]})

    assert "131 kg is out of range (40 to 130 kg). Please confirm or correct." in asked.page.text
    assert clinic.desk.stored().status == "complete"
    assert "weight_kg__confirm" not in clinic.again(tab).page.text


def test_a_value_confirmed_beside_its_box_is_not_asked_about(clinic: Clinic) -> None:
    values = {**VALUES, "weight_kg": "131", "weight_kg__confirm": "as-typed"}

    clinic.tab().save(**values)

    assert clinic.desk.stored().status == "complete"


def test_an_odd_derived_value_can_be_confirmed_on_the_page(clinic: Clinic) -> None:
    tab = clinic.tab()
    # The square root of 200 x 130 / 3600 is 2.687, above 2.5.
    values = {**VALUES, "height_cm": "200", "weight_kg": "130"}
    tab.save(**values)
    asked = clinic.again(tab)
    key = re.search(r'name="bsa_m2__confirm"[^>]*value="([^"]+)"', asked.page.text)
    assert key is not None

    asked.save(**values, bsa_m2__confirm=key[1])

    assert clinic.desk.stored().status == "complete"


def test_a_correction_without_a_reason_keeps_what_was_typed(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)
    second = clinic.again(tab)

    answer = second.save(**{**VALUES, "weight_kg": "72"})
    third = Tab(tab.visitor, tab.url, answer)
    done = third.save(**{**VALUES, "weight_kg": "72"}, reason="Typing error")

    assert answer.status_code == 422
    assert 'value="72"' in answer.text
    assert 'href="#reason"' in answer.text
    assert done.status_code == 303
    assert clinic.desk.stored().cells["weight_kg"].value == "72"


def test_a_form_not_done_takes_two_presses(clinic: Clinic) -> None:
    tab = clinic.tab()
    form = {**tab.hidden(), "missing_reason": "refused", "version": "0"}

    answer = tab.visitor.client.post(f"{tab.url}/not-done", data=form)

    assert answer.status_code == 303
    assert "Reason: Declined." in clinic.again(tab).page.text
    assert 'name="missing_reason" value="refused"' in tab.page.text


def test_a_log_never_entered_offers_no_not_done(clinic: Clinic) -> None:
    assert "not-done" in clinic.tab().page.text
    assert "not-done" not in clinic.tab(url=clinic.url("death", "log")).page.text


def test_a_complete_form_counts_as_not_done_only_with_a_reason(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)
    form = {"missing_reason": "refused", "version": "1"}

    answers = [
        tab.visitor.post(f"{tab.url}/not-done", {**form, **more}).status_code
        for more in ({}, {"reason_words": "Another participant's form"})
    ]

    assert answers == [422, 303]
    assert clinic.desk.stored().status == "not_done"


def test_what_was_typed_when_the_session_ended_comes_back(clinic: Clinic) -> None:
    tab = clinic.tab()
    with clinic.trial.database.writing() as connection:
        connection.exec_driver_sql("UPDATE session SET expires_at = '2020-01-01T00:00:00.000000Z'")
    tab.save(**VALUES)
    assert clinic.desk.entry() is None

    tab.visitor.sign_in("nurse@site.example")
    back = clinic.again(tab)
    answer = back.save(**VALUES)

    assert "before your session ended" in back.page.text
    assert 'value="170"' in back.page.text
    assert answer.status_code == 303
    assert clinic.desk.stored().status == "complete"


def test_the_history_says_who_when_old_new_and_why(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)
    clinic.again(tab).save(**{**VALUES, "weight_kg": "72"}, reason="Typing error")

    text = tab.visitor.get(f"{tab.url}?history=all").text

    for words in ("Nora Nurse (nurse)", "70 kg", "72 kg", "Reason: Typing error"):
        assert words in text


# --- two people, two tabs -------------------------------------------------------------------------


def test_the_second_of_two_people_sees_both_values_and_decides(clinic: Clinic) -> None:
    mine, theirs = clinic.tab(), clinic.tab("cole@site.example")
    theirs.save(**{**VALUES, "weight_kg": "80"})

    told = mine.save(**VALUES)
    decided = Tab(mine.visitor, mine.url, told).save(**VALUES, reason_words="Measured again")

    assert told.status_code == 409
    assert "Another user saved this form" in told.text
    assert "80 kg" in told.text
    assert 'value="70"' in told.text
    assert decided.status_code == 303
    assert clinic.desk.stored().cells["weight_kg"].value == "70"


def test_what_the_second_person_did_not_touch_is_as_the_first_saved_it(clinic: Clinic) -> None:
    clinic.tab().save(**VALUES)
    mine, theirs = clinic.tab(), clinic.tab("cole@site.example")
    theirs.save(**{**VALUES, "weight_kg": "80"}, reason="Typing error")

    told = mine.save(**{**VALUES, "height_cm": "172"}, reason="Typing error")

    shown = {name: f'id="{name}" name="{name}"' for name in ("height_cm", "weight_kg")}
    boxes = {name: told.text.partition(start)[2][:120] for name, start in shown.items()}
    assert 'value="172"' in boxes["height_cm"]
    assert 'value="80"' in boxes["weight_kg"]


def test_the_same_post_twice_is_saved_once(clinic: Clinic) -> None:
    tab = clinic.tab()
    first, second = tab.save(**VALUES), tab.save(**VALUES)

    assert (first.status_code, second.status_code) == (303, 303)
    assert clinic.desk.stored().version == 1


def test_the_same_request_id_with_other_answers_stores_nothing(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)

    answer = tab.save(**{**VALUES, "weight_kg": "72"})

    assert answer.status_code == 409
    assert 'value="72"' in answer.text
    assert clinic.desk.stored().cells["weight_kg"].value == "70"


# --- bad input ------------------------------------------------------------------------------------


def test_a_form_cut_short_stores_nothing_and_keeps_what_arrived(clinic: Clinic) -> None:
    tab = clinic.tab()
    cut = {name: value for name, value in tab.fields(**VALUES).items() if name != "shown"}

    answer = tab.visitor.client.post(tab.url, data=cut)

    assert answer.status_code == 422
    assert "did not arrive whole" in answer.text
    assert 'value="170"' in answer.text
    assert clinic.desk.entry() is None


def test_an_item_that_did_not_arrive_is_not_cleared(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES, pulse_min="60")
    fields = clinic.again(tab).fields(**VALUES, reason="Typing error")
    without = {name: v for name, v in fields.items() if not name.startswith("pulse_min")}

    tab.visitor.client.post(tab.url, data=without)

    assert clinic.desk.stored().cells["pulse_min"].value == 60


@pytest.mark.parametrize(
    "name, value",
    [
        ("weight_kg", "NaN"),
        ("weight_kg", "1e999"),
        ("weight_kg", "x" * 1_000_000),
        ("weight_kg", ["70", "71"]),
        ("weight_kg", "٧٠"),
        ("vitals_date-day", "31"),
        ("vitals_date-year", "26"),
        ("vitals_date-year", "2999"),
        ("weight_kg__unit", "stone"),
        ("weight_kg__missing", "bored"),
        ("sbp_mmhg", "12.5"),
        ("sbp_mmhg", "\U0001f600"),
    ],
)
def test_what_cannot_be_a_value_is_refused_in_words(
    clinic: Clinic, name: str, value: str | list[str]
) -> None:
    month = {"vitals_date-month": "2"} if value == "31" else {}

    answer = clinic.tab().save(**{**VALUES, **month, name: value})

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert clinic.desk.stored().cells["height_cm"].value == "170"


@pytest.mark.parametrize(
    "name, value",
    [("version", "one"), ("version", "-1"), ("version", ""), ("request_id", "x"), ("extra", "1")],
)
def test_strange_fields_never_break_the_page(clinic: Clinic, name: str, value: str) -> None:
    answer = clinic.tab().save(**{**VALUES, name: value})

    assert answer.status_code == (303 if name == "extra" else 422)


def test_a_version_of_tomorrow_is_stale(clinic: Clinic) -> None:
    assert clinic.tab().save(**{**VALUES, "version": "7"}).status_code == 409


def test_a_script_typed_into_a_field_comes_back_escaped(clinic: Clinic) -> None:
    answer = clinic.tab().save(**{**VALUES, "weight_kg": '"><script>alert(1)</script>'})

    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["nothing", "follow_up", "vitals?instance=2", "vitals?instance=x", "vitals?instance=٢"],
)
def test_a_form_that_does_not_exist_is_not_found(clinic: Clinic, path: str) -> None:
    visitor = clinic.sign_in("nurse@site.example")

    assert visitor.get(clinic.url(path)).status_code == 404


def test_a_visit_that_does_not_exist_is_not_found(clinic: Clinic) -> None:
    visitor = clinic.sign_in("nurse@site.example")

    assert visitor.get(clinic.url(visit="nowhere")).status_code == 404
    assert visitor.get(clinic.url(visit="log")).status_code == 404


# --- who sees what --------------------------------------------------------------------------------


def test_a_monitor_reads_the_form_and_cannot_save_it(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**VALUES)
    monitor = clinic.sign_in("monitor@site.example")
    page = monitor.get(clinic.url())

    assert page.status_code == 200
    assert "70 kg" in page.text
    assert "data-instrument-form" not in page.text
    assert monitor.post(clinic.url(), {**tab.fields(**VALUES)}).status_code == 403


def test_another_sites_nurse_does_not_find_the_form(clinic: Clinic) -> None:
    visitor = clinic.sign_in("far@site.example")

    assert visitor.get(clinic.url()).status_code == 404
    assert visitor.post(clinic.url(), {"version": "0", "shown": ""}).status_code == 404


# --- logs and queries -----------------------------------------------------------------------------


def test_a_log_is_a_table_that_leads_to_its_instances(clinic: Clinic) -> None:
    url = clinic.url("adverse_events", "log")
    first = clinic.tab(url=f"{url}?instance=1")
    answer = first.save(ae_term="Nausea", act="next")

    assert answer.location == f"{url}?instance=2"
    table = first.visitor.get(url).text
    assert "Nausea" in table
    assert f"{url}?instance=2" in table
    assert clinic.desk.stored(Place("log", 1, "adverse_events")).status == "in_progress"


def test_open_queries_are_listed_with_value_and_question(clinic: Clinic) -> None:
    tab = clinic.tab()
    tab.save(**{**VALUES, "weight_kg": "131"})
    listed = tab.visitor.get(f"/studies/{GIST}/queries").text
    elsewhere = clinic.sign_in("far@site.example").get(f"/studies/{GIST}/queries").text

    assert "131 kg is out of range (40 to 130 kg). Please confirm or correct." in listed
    assert f"{clinic.url()}#weight_kg-item" in listed
    assert "131 kg" not in elsewhere
