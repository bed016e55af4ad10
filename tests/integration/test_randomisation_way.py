"""The nurse's way through the browser: one page, check, password, result; every refusal named."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from capture.access import Role
from capture.participants import reads as participants
from capture.participants.records import Participant, Status
from capture.randomisation.reads import list_allocations
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.randomising import DURATION, save
from tests.support.randomising_pages import (
    answers,
    boxes,
    hidden,
    randomise,
    recent,
    running_trial,
    screened,
    settle,
    url,
)
from tests.support.trial import GIST, NURSE, Trial


@pytest.fixture
def trial(services: Services) -> Trial:
    return running_trial(services)


@pytest.fixture
def nurse(services: Services, trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    make_user(services, sites=("northfield",))
    return sign_in("nurse@site.example")


def stored(trial: Trial, person: Participant) -> Participant:
    with trial.database.reading() as connection:
        return participants.get_participant(connection, NURSE, GIST, person.id)


def drawn(trial: Trial) -> int:
    with trial.database.reading() as connection:
        return len(list_allocations(connection, GIST, DURATION))


def test_a_screened_person_is_randomised_in_three_page_loads(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)

    check = settle(nurse, person, answers())
    assert check.request.path == url(person, "/check"), check.text
    assert not any(
        arm in check.text for arm in ("IM36", "IM60", "stop imatinib", "continue imatinib")
    )
    result = nurse.post(
        url(person, "/check"), {**hidden(check), "password": PASSWORD}, follow_redirects=True
    )

    assert result.request.path == url(person, "/result"), result.text
    assert "3 years (stop imatinib)" in result.text or "5 years (continue imatinib)" in result.text
    assert "(Europe/London)" in result.text
    assert (stored(trial, person).status, stored(trial, person).number) == (
        Status.ENROLLED,
        "NOR-0001",
    )


@pytest.mark.both_engines("documents")
def test_each_answer_is_stored_in_its_own_instrument(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, but=("demography", "performance_status"))

    settle(nurse, person, answers(ecog="1"))

    with trial.database.reading() as connection:
        forms = participants.list_visits(connection, person.id)[0].forms
    assert forms["demography"] == "complete"
    assert forms["performance_status"] == "in_progress"


def test_an_ineligible_person_is_refused_with_the_criterion(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, gist_stain="negative")

    page = settle(nurse, person, answers())

    assert page.status_code == 422
    assert "Not eligible. Not met: GIST confirmed" in page.text
    assert stored(trial, person).status is Status.SCREENED
    assert nurse.get(url(person, "/check")).location == url(person)


def test_what_fails_stands_first_then_what_is_not_known(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, gist_stain="negative", gist_rupture="nk")

    page = nurse.get(url(person)).text

    assert page.index("Not eligible. Not met: GIST confirmed") < page.index("Consent: ")
    table = page[page.index('<tr class="nhsuk-table__row" id="criterion-') :]
    results = re.findall(r">(Not met|Not known|Met)<", table)
    assert results == sorted(results, key=("Not met", "Not known", "Met").index)
    assert set(results) == {"Not met", "Not known", "Met"}


def test_an_unknown_answer_is_named_with_a_link_to_its_form(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, gist_stain="not_done")

    page = settle(nurse, person, answers())

    assert page.status_code == 422
    assert "Not known yet: GIST confirmed" in page.text
    assert "KIT (CD117) or DOG1 immunohistochemistry" in page.text
    assert "/gist_history#gist_stain" in page.text


def test_a_blank_behind_a_derived_item_is_asked_itself(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, but=("demography", "gist_history"))

    page = nurse.get(url(person))

    for item in ("gist_site", "gist_mitoses", "gist_rupture", "gist_size_mm", "gist_neoadjuvant"):
        assert f'name="{item}"' in page.text
    assert 'name="high_risk"' not in page.text


def test_a_blank_that_is_left_blank_is_named_again(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, but=("demography", "pregnancy"))

    page = settle(nurse, person, answers(contraception="", preg_status=""))

    assert page.status_code == 422
    assert "Fill in “Pregnancy”." in page.text
    assert drawn(trial) == 0


def test_valid_parts_are_kept_and_the_rest_keeps_its_typing(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    typed = answers(**{"confirm-doctor": ""}, **boxes("birth_date", "1961-13-14"))

    page = settle(nurse, person, typed)

    assert page.status_code == 422
    assert "Consent is recorded" in page.text
    assert 'name="consent-main-version"' not in page.text
    assert 'value="13"' in page.text
    assert "Choose the investigator." in page.text
    assert 'value="clinic letter"' in page.text

    again = {**typed, **boxes("birth_date", "1961-05-14"), "confirm-doctor": "Dr Ada Quist"}
    done = nurse.post(url(person), {**hidden(page), **again}, follow_redirects=True)
    assert done.request.path == url(person, "/check"), done.text


def test_without_consent_nothing_that_identifies_is_stored(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)

    page = settle(nurse, person, answers(**{"consent-main-taken_by": " "}))

    assert page.status_code == 422
    with trial.database.reading() as connection:
        assert "demography" not in participants.list_visits(connection, person.id)[0].forms
    assert stored(trial, person).status is Status.SCREENED


def test_a_value_outside_its_usual_range_is_asked_once(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial, but=("demography", "biochemistry"))
    lab = {
        **boxes("bioc_date", recent()["bioc_date"]),
        "creat": "155",
        "creat_uln": "110",
        "alt": "20",
        "alt_uln": "40",
    }

    page = settle(nurse, person, answers(**lab))
    assert page.status_code == 422
    assert 'name="creat__confirm"' in page.text

    key = page.text.split('name="creat__confirm"')[1].split('value="')[1].split('"')[0]
    sent = {**hidden(page), **answers(**lab), "creat__confirm": key}
    done = nurse.post(url(person), sent, follow_redirects=True)

    assert done.request.path == url(person, "/check"), done.text


def test_a_likely_duplicate_needs_a_tick_and_a_reason(nurse: Visitor, trial: Trial) -> None:
    settle(nurse, screened(trial), answers())
    person = screened(trial)

    page = settle(nurse, person, answers())
    assert page.status_code == 422
    assert "Possible duplicate participant" in page.text
    assert stored(trial, person).status is Status.SCREENED

    tick = {"same-duplicate_confirmed": "y", "same-duplicate_reason": "another address"}
    done = nurse.post(url(person), {**hidden(page), **answers(), **tick}, follow_redirects=True)
    assert done.request.path == url(person, "/check"), done.text


def test_a_page_cut_short_changes_nothing(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    nurse.get(url(person))

    page = nurse.post(url(person), answers())

    assert page.status_code == 422
    assert "did not arrive whole" in page.text
    assert 'value="A. Cole"' in page.text
    assert stored(trial, person).status is Status.SCREENED


def test_a_wrong_password_draws_nothing(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    settle(nurse, person, answers())

    page = randomise(nurse, person, password="not it")

    assert page.status_code == 422
    assert drawn(trial) == 0


def test_back_reload_and_a_second_tab_give_the_same_answer(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    settle(nurse, person, answers())
    check = nurse.get(url(person, "/check"))
    sent = {**hidden(check), "password": PASSWORD}

    first = nurse.post(url(person, "/check"), sent, follow_redirects=True)
    double_click = nurse.post(url(person, "/check"), sent)
    other_tab = nurse.post(url(person, "/check"), {**sent, "request_id": "another-tab-1"})
    back = nurse.get(url(person, "/check"))
    one_page = nurse.get(url(person))

    places = {answer.location for answer in (double_click, other_tab, back, one_page)}
    assert places == {url(person, "/result")}
    assert nurse.get(url(person, "/result")).text.count("nhsuk-panel__title") == 1
    assert first.status_code == 200
    assert drawn(trial) == 1


def test_a_changed_value_must_be_confirmed_again(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    check = settle(nurse, person, answers())
    save(trial, person, "gist_history", {"gist_site": "rectum"}, reason="Typing error")

    late = nurse.post(url(person, "/check"), {**hidden(check), "password": PASSWORD})
    page = nurse.get(url(person))

    assert late.status_code == 409
    assert "A value has changed" in late.text
    assert 'name="confirm-doctor"' in page.text
    assert drawn(trial) == 0


def test_a_check_of_older_answers_is_refused(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)
    check = settle(nurse, person, answers())
    save(trial, person, "gist_history", {"gist_mitoses": 14}, reason="Typing error")
    page = nurse.get(url(person))
    nurse.post(url(person), {**hidden(page), **answers()})

    late = nurse.post(url(person, "/check"), {**hidden(check), "password": PASSWORD})

    assert late.status_code == 409
    assert "value has changed" in late.text
    assert drawn(trial) == 0


def test_nobody_is_randomised_without_an_active_design(
    services: Services, sign_in: Callable[..., Visitor]
) -> None:
    trial = running_trial(services, is_active=False)
    make_user(services, sites=("northfield",))
    nurse = sign_in("nurse@site.example")
    person = screened(trial)

    check = settle(nurse, person, answers())

    assert "no design is in force" in check.text
    assert "Randomise now" not in check.text


def test_another_sites_participant_is_not_found(
    services: Services, trial: Trial, sign_in: Callable[..., Visitor]
) -> None:
    person = screened(trial)
    make_user(services, email="oslo@site.example", sites=("fjordvik",))
    stranger = sign_in("oslo@site.example")

    for page in ("", "/check", "/result", "/receipt.json", "/in-error"):
        assert stranger.get(url(person, page)).status_code == 404


def test_who_only_looks_on_does_not_draw(
    services: Services, trial: Trial, sign_in: Callable[..., Visitor]
) -> None:
    person = screened(trial)
    make_user(services, email="monitor@site.example", role=Role.MONITOR)
    monitor = sign_in("monitor@site.example")

    assert monitor.get(url(person)).status_code == 403
    assert monitor.post(url(person, "/check"), {"password": PASSWORD}).status_code == 403
