"""How many keys, clicks and page loads the daily work takes, counted by doing it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from capture.participants.records import Participant
from tests.browser.conftest import SignIn
from tests.browser.hand import Hand, answers, open_reasons
from tests.browser.journey import fill_date, next_page, press, today
from tests.support.demonstration import Server
from tests.support.ward import form_path, walker

pytestmark = pytest.mark.browser
MIXED = "01234012340123401234"
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def person(ward: Server) -> Participant:
    return walker(ward.services)


def opened(page: Page, server: Server, person: Participant, instrument: str) -> Page:
    page.goto(server.url + form_path(server.services, person, instrument))
    return page


def due_row(page: Page, person: Participant) -> Locator:
    """The line of home that leads to the first form of the first visit."""
    rows = page.locator("#due-table tr", has_text=person.number)
    return rows.filter(has_text="First visit")


def save(page: Page) -> None:
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text("saved")


def test_due_work_is_home_and_its_form_one_click_and_one_load_away(
    in_annex: SignIn, annex: Server
) -> None:
    person = walker(annex.services)
    page = in_annex("nurse")
    row = due_row(page, person)
    expect(row).to_be_visible()
    hand = Hand(page)

    hand.follow(row.get_by_role("link", name="Walking"))

    expect(page.get_by_role("heading", level=1)).to_contain_text("Walking")
    assert (hand.clicks, hand.loads) == (1, 1)


@SCRIPTS
def test_a_visit_of_three_forms_takes_4_clicks_and_3_loads(
    in_annex: SignIn, annex: Server, script: bool
) -> None:
    person = walker(annex.services)
    page = in_annex("nurse", script=script)
    row = due_row(page, person)
    hand = Hand(page)

    hand.follow(row.get_by_role("link", name="Walking"))
    for number, code in enumerate(MIXED, start=1):
        page.check(f"[name=wk_{number}][value='{code}']", force=True)
    hand.follow_button("Save and go to Measures")
    fill_date(page, "ms_date", today())
    page.fill("#ms_weight", "72.5")
    hand.follow_button("Save and go to Comfort")
    page.check("[name=cf_1][value='2']", force=True)
    # The third load brought the last form; what the last click loads is the next visit's.
    assert hand.loads == 3
    hand.follow_button("Save and go to Second visit: Measures")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Second visit")
    expect(page.locator("#app-outcome")).to_contain_text("saved")
    assert (hand.clicks, hand.loads) == (4, 4)


def test_a_missing_reason_takes_one_click_and_no_load(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse"), ward, person, "measures")
    item = page.locator("#ms_weight-item")
    open_reasons(item)
    hand = Hand(page)

    hand.click(item.get_by_role("button", name="Not known"))

    assert (hand.clicks, hand.loads) == (1, 0)
    expect(page.locator("#ms_weight-item summary")).to_contain_text("Not known")
    save(page)
    expect(page.locator("#ms_weight__missing")).to_have_value("not_known")


def test_a_missing_reason_takes_one_key_on_the_chip(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse"), ward, person, "measures")
    page.focus("#ms_weight")
    page.keyboard.press("Tab")
    expect(page.locator("#ms_weight-item summary")).to_be_focused()
    hand = Hand(page)

    hand.press("4")

    assert (hand.keys, hand.loads) == (1, 0)
    assert page.input_value("#ms_weight__missing") == "refused"


def test_an_odd_value_takes_one_click_and_is_stored_at_once(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse"), ward, person, "measures")
    fill_date(page, "ms_date", today())
    page.fill("#ms_weight", "187")
    page.press("#ms_weight", "Tab")
    hand = Hand(page)

    hand.click(page.get_by_label("Confirmed correct"))

    assert (hand.clicks, hand.loads) == (1, 0)
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text("It is complete")


@SCRIPTS
def test_a_correction_takes_one_click_no_load_and_one_reason_a_save(
    on_the_ward: SignIn, ward: Server, person: Participant, script: bool
) -> None:
    page = opened(on_the_ward("nurse", script=script), ward, person, "measures")
    fill_date(page, "ms_date", today())
    page.fill("#ms_weight", "72.5")
    save(page)
    hand = Hand(page)

    hand.click(page.locator("#ms_weight"))
    hand.press("Control+A")
    hand.type("75.2")
    assert (hand.clicks, hand.loads) == (1, 0)
    page.check("[name=ms_walks][value=yes]", force=True)
    page.select_option("[name=reason]", "Typing error")
    save(page)

    assert page.input_value("#ms_weight") == "75.2"
    assert hand.loads == 1
    with next_page(page):
        page.get_by_role("link", name="Show the history of this form").click()
    expect(page.locator("#history")).to_contain_text("Reason: Typing error")


def test_a_form_is_filled_in_and_corrected_without_scripts(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse", script=False), ward, person, "walking")
    for number, code in enumerate(MIXED, start=1):
        page.check(f"[name=wk_{number}][value='{code}']", force=True)
    page.check("#wk_7-none", force=True)
    page.click("#wk_8-item .app-missing__chip")
    page.check("#wk_8-none", force=True)
    page.select_option("#wk_8__missing", "not_applicable")
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text(re.compile("still blank is “7. Lifting"))

    assert answers(page) == "012340..340123401234"
    assert page.input_value("#wk_8__missing") == "not_applicable"


def test_an_odd_value_and_the_lock_work_without_scripts(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse", script=False), ward, person, "measures")
    fill_date(page, "ms_date", today())
    page.fill("#ms_weight", "187")
    press(page, "Save")
    page.check("#ms_weight__confirm", force=True)
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text("It is complete")

    press(page, "Lock screen")
    expect(page.get_by_role("heading", level=1)).to_have_text("The screen is locked")
    expect(page.get_by_text(person.number)).to_have_count(0)
