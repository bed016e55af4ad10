"""Filling in a form by hand: dates, grids, keys in the wrong place, what is odd or cut short."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from capture.participants.records import Participant
from tests.browser.accessibility import faults, listen
from tests.browser.conftest import SignIn
from tests.browser.hand import answers, open_reasons, turn_number_keys_on
from tests.browser.journey import fill_date, next_page, press, today, zipped_weight
from tests.support.demonstration import Server
from tests.support.ward import form_path, walker

pytestmark = pytest.mark.browser
THIRTY = range(1, 31)
FIRST_LOAD = 60 * 1024


@pytest.fixture
def person(ward: Server) -> Participant:
    return walker(ward.services)


@pytest.fixture
def nurse(on_the_ward: SignIn) -> Page:
    return on_the_ward("nurse")


def open_form(
    page: Page, ward: Server, person: Participant, instrument: str, visit: str = "first"
) -> None:
    page.goto(ward.url + form_path(ward.services, person, instrument, visit))


def save(page: Page) -> None:
    press(page, "Save")
    expect(page.locator("#app-outcome, #error-summary").first).to_be_visible()


def date_texts(page: Page, item: str) -> list[str]:
    return [page.input_value(f"#{item}-{box}") for box in ("day", "month", "year")]


def test_every_radio_of_a_grid_is_named_by_its_row_and_column(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "walking")

    named = nurse.get_by_role("radio", name="13. Ten steps up A little hard", exact=True)

    expect(named).to_have_value("3")
    expect(nurse.get_by_role("radiogroup", name="13. Ten steps up")).to_have_count(1)


def test_control_s_saves_once(nurse: Page, ward: Server, person: Participant) -> None:
    open_form(nurse, ward, person, "measures")
    nurse.fill("#ms_weight", "72.5")

    with next_page(nurse):
        nurse.keyboard.press("Control+s")

    expect(nurse.locator("#app-outcome")).to_be_focused()
    expect(nurse.locator("main")).to_contain_text("version 1")
    assert nurse.input_value("#ms_weight") == "72.5"


def test_delete_clears_an_answer(nurse: Page, ward: Server, person: Participant) -> None:
    open_form(nurse, ward, person, "walking")
    nurse.focus("#wk_1")
    nurse.keyboard.press("ArrowRight")
    assert answers(nurse).startswith("1.")

    nurse.keyboard.press("Delete")

    assert answers(nurse) == "." * 20
    expect(nurse.locator("#wk_1")).to_be_focused()


def test_keys_answer_nothing_until_they_are_turned_on(
    nurse: Page, ward: Server, person: Participant
) -> None:
    turn_number_keys_on(nurse, ward.url, off=True)
    open_form(nurse, ward, person, "walking")
    nurse.focus("#wk_1")

    nurse.keyboard.type("01234")

    assert answers(nurse) == "." * 20


def test_keys_in_the_wrong_place_change_nothing_and_are_told(
    nurse: Page, ward: Server, person: Participant
) -> None:
    turn_number_keys_on(nurse, ward.url)
    open_form(nurse, ward, person, "walking")
    nurse.focus("#wk_1")
    nurse.keyboard.type("3")
    nurse.keyboard.type("7x")

    expect(nurse.locator("#wk_2-item .app-grid__told")).to_contain_text("Nothing was changed")
    assert answers(nurse) == "3" + "." * 19
    nurse.focus("#wk_date-day")
    nurse.keyboard.type("12")
    assert answers(nurse) == "3" + "." * 19
    assert nurse.input_value("#wk_date-day") == "12"
    assert faults(nurse) == []


def test_a_column_for_what_does_not_apply_is_answered_by_its_letter(
    nurse: Page, ward: Server, person: Participant
) -> None:
    turn_number_keys_on(nurse, ward.url)
    open_form(nurse, ward, person, "comfort")
    nurse.focus("#cf_1")

    nurse.keyboard.type("2n0")

    assert answers(nurse, "cf", range(1, 5)) == "2na0."


@pytest.mark.parametrize(
    "typed, shown",
    [
        ("15/03/1984", ["15", "03", "1984", "Thursday"]),
        ("15-3.1984", ["15", "3", "1984", "Thursday"]),
        ("15 mar 1984", ["15", "mar", "1984", "Thursday"]),
        ("uk/mar/1984", ["uk", "mar", "1984", ""]),
    ],
)
def test_a_date_is_typed_in_one_go(
    nurse: Page, ward: Server, person: Participant, typed: str, shown: list[str]
) -> None:
    open_form(nurse, ward, person, "measures")
    nurse.focus("#ms_onset-day")

    nurse.keyboard.type(typed)

    assert date_texts(nurse, "ms_onset") == shown[:3]
    expect(nurse.locator("#ms_onset-item .app-weekday")).to_have_text(shown[3])
    save(nurse)
    expect(nurse.locator("#app-outcome")).to_contain_text("Measures saved")


@pytest.mark.parametrize(
    "pasted, texts",
    [
        ("15/03/1984", ["15", "03", "1984"]),
        ("1984-03-15", ["15", "03", "1984"]),
        ("15 March 1984", ["15", "March", "1984"]),
        ("UK/03/1984", ["UK", "03", "1984"]),
    ],
)
def test_a_pasted_date_fills_all_boxes(
    nurse: Page, ward: Server, person: Participant, pasted: str, texts: list[str]
) -> None:
    nurse.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_form(nurse, ward, person, "measures")
    nurse.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    nurse.focus("#ms_onset-day")

    nurse.keyboard.press("Control+V")

    assert date_texts(nurse, "ms_onset") == texts


def test_two_digit_years_are_refused_in_words_and_kept(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "measures")
    fill_date(nurse, "ms_onset", ("15", "3", "84"))
    nurse.fill("#ms_weight", "72.5")

    save(nurse)

    expect(nurse.locator("#error-summary")).to_contain_text("year")
    assert date_texts(nurse, "ms_onset") == ["15", "3", "84"]
    assert nurse.input_value("#ms_weight") == "72.5"
    assert faults(nurse) == []


def test_the_date_of_the_visit_is_offered_and_never_filled_in_silently(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "measures")
    fill_date(nurse, "ms_date", today())
    save(nurse)
    open_form(nurse, ward, person, "comfort")
    assert date_texts(nurse, "cf_date") == ["", "", ""]

    nurse.get_by_role("button", name=re.compile("^Visit date")).click()

    assert date_texts(nurse, "cf_date") == list(today())
    nurse.check("[name=cf_mode][value=phone]", force=True)
    nurse.check("[name=cf_by][value=proxy]", force=True)
    save(nurse)
    expect(nurse.locator("#answered")).to_contain_text("By telephone, Somebody else, ")


def test_29_of_30_answers_are_stored_and_the_last_is_named(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "comfort")
    for row in THIRTY:
        nurse.check(f"[name=cf_{row}][value='1']", force=True)
    nurse.evaluate(
        "document.querySelectorAll('[name=cf_30], #cf_30__missing').forEach(e => e.remove())"
    )

    save(nurse)

    expect(nurse.locator("#app-outcome")).to_contain_text("Comfort saved")
    assert answers(nurse, "cf", THIRTY) == "1" * 29 + "."


def test_a_code_that_does_not_exist_is_refused_and_the_others_are_stored(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "comfort")
    nurse.check("[name=cf_1][value='1']", force=True)
    nurse.evaluate("document.querySelector('#cf_2').value = '99'")
    nurse.check("#cf_2", force=True)

    save(nurse)

    expect(nurse.locator("#error-summary")).to_contain_text("Comfort 2")
    expect(nurse.locator("[name=cf_1][value='1']")).to_be_checked()
    assert faults(nurse) == []


def test_a_reason_on_a_filled_item_names_what_gives_way_and_puts_it_back(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "walking")
    nurse.check("[name=wk_3][value='2']", force=True)
    item = nurse.locator("#wk_3-item")
    open_reasons(item)
    item.get_by_role("button", name="Declined").click()

    told = nurse.locator("#wk_3-item .app-undo")
    expect(told).to_contain_text("“Hard” was taken out: Declined.")
    assert faults(nurse) == []
    told.get_by_role("button", name="Put it back").click()
    expect(nurse.locator("[name=wk_3][value='2']")).to_be_checked()
    assert nurse.input_value("#wk_3__missing") == ""


def test_the_reasons_open_and_close_by_keyboard(
    nurse: Page, ward: Server, person: Participant
) -> None:
    open_form(nurse, ward, person, "measures")
    nurse.focus("#ms_weight-item summary")
    nurse.keyboard.press("Enter")
    expect(nurse.locator("#ms_weight-item .app-missing__menu")).to_be_visible()
    assert faults(nurse) == []

    nurse.keyboard.press("Escape")

    expect(nurse.locator("#ms_weight-item .app-missing__menu")).to_be_hidden()
    expect(nurse.locator("#ms_weight-item summary")).to_be_focused()


@pytest.mark.parametrize("instrument", ["walking", "measures", "comfort"])
def test_a_form_is_accessible_with_every_kind_of_notice(
    nurse: Page, ward: Server, person: Participant, instrument: str
) -> None:
    heard = listen(nurse)
    open_form(nurse, ward, person, instrument)
    assert faults(nurse) == []
    if instrument == "measures":
        nurse.fill("#ms_weight", "187")
        nurse.press("#ms_weight", "Tab")
        expect(nurse.locator(".app-question")).to_be_visible()
        nurse.context.set_offline(True)
        nurse.fill("#ms_notes", "unstored")
        nurse.press("#ms_notes", "Tab")
        expect(nurse.locator(".app-draft--failed")).to_be_visible()
        assert faults(nurse) == []
        nurse.context.set_offline(False)
        expect(nurse.locator("[data-draft-status]")).to_contain_text("Draft saved")
        nurse.reload()
        expect(nurse.locator(".app-question")).to_be_visible()
        assert faults(nurse) == []
    assert [words for words in heard if "ERR_INTERNET_DISCONNECTED" not in words] == []


@pytest.mark.parametrize("instrument", ["walking", "comfort"])
def test_a_form_weighs_at_most_60_kb_zipped_on_first_load(
    nurse: Page, ward: Server, person: Participant, instrument: str
) -> None:
    page = nurse.context.browser.new_context(  # type: ignore[union-attr]
        storage_state=nurse.context.storage_state()
    ).new_page()

    address = ward.url + form_path(ward.services, person, instrument)
    assert zipped_weight(page, address) <= FIRST_LOAD
    page.context.close()
