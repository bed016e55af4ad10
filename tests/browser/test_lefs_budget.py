"""Keys, clicks and page loads on the real LEFS of the leg study, counted by doing it."""

from __future__ import annotations

from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from capture.participants import reads
from capture.participants.records import Participant
from tests.browser.conftest import SignIn
from tests.browser.hand import Hand, answers, open_reasons, turn_number_keys_on
from tests.browser.journey import fill_date, next_page, press, today
from tests.support.demonstration import Server
from tests.support.legs import LEGS, due_for_lefs

pytestmark = pytest.mark.browser
BORN = (f"{year}-04-11" for year in count(1931))
"""Each another day, or the same birthday would ask whether it is the same person."""
MIXED = "01234012340123401234"  # 4 * (0 + 1 + 2 + 3 + 4) = 40
WORST = "4" * 20  # 20 * 4 = 80
CORRECTED = "41234012340123401234"  # 40 - 0 + 4 = 44
SCRIPTS = pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def person(ward: Server) -> Participant:
    return due_for_lefs(ward.services, next(BORN))


def due(page: Page, person: Participant) -> Locator:
    """What home says is due: the LEFS of the participant's assessment."""
    row = page.locator("#due-table tr", has_text=person.number).filter(has_text="Assessment")
    return row.get_by_role("link", name="LEFS")


def opened(page: Page, ward: Server, person: Participant) -> Page:
    with ward.services.database.reading() as connection:
        planned = reads.list_visits(connection, person.id)
    visit = next(one.id for one in planned if one.slug == "assessment")
    page.goto(f"{ward.url}/studies/{LEGS}/participants/{person.id}/visits/{visit}/lefs")
    return page


def fill_head(page: Page) -> None:
    """When, how and by whom it was answered: what stands above the twenty items."""
    fill_date(page, "lefs_date", today())
    page.check("[name=lefs_mode][value=paper]", force=True)
    page.check("[name=lefs_by][value=self]", force=True)


def answer(page: Page, codes: str) -> None:
    for number, code in enumerate(codes, start=1):
        page.check(f"[name=lefs_{number}][value='{code}']", force=True)


def save(page: Page) -> None:
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text("saved")


def expect_score(page: Page, score: str) -> None:
    expect(page.locator("#lefs_score")).to_have_text(score)
    expect(page.locator("#lefs_answered")).to_have_text("20")
    expect(page.locator("#lefs_scoring")).to_contain_text("all 20 items")


def test_20_keys_with_number_keys_and_the_score_is_the_one_worked_by_hand(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = on_the_ward("nurse")
    turn_number_keys_on(page, ward.url)
    fill_head(opened(page, ward, person))
    page.focus("#lefs_1")
    hand = Hand(page)

    hand.type(MIXED)

    assert answers(page, "lefs") == MIXED
    assert (hand.keys, hand.loads) == (20, 0)
    with next_page(page):
        hand.press("Enter")
    expect(page.locator("#app-outcome")).to_contain_text("It is complete")
    expect_score(page, "40")


@pytest.mark.parametrize("codes, score", [(MIXED, "40"), (WORST, "80")])
def test_at_most_100_keys_with_native_radios(
    on_the_ward: SignIn, ward: Server, person: Participant, codes: str, score: str
) -> None:
    page = on_the_ward("nurse")
    turn_number_keys_on(page, ward.url, off=True)
    fill_head(opened(page, ward, person))
    page.focus("#lefs_1")
    hand = Hand(page)
    for number, code in enumerate(codes):
        if number:
            hand.press("Tab")
        hand.press("ArrowRight", int(code)) if code != "0" else hand.press("Space")

    assert answers(page, "lefs") == codes
    assert hand.keys <= 100
    save(page)
    expect_score(page, score)


@SCRIPTS
def test_it_is_due_on_the_first_page_and_one_click_and_one_load_away(
    in_annex: SignIn, annex: Server, script: bool
) -> None:
    person = due_for_lefs(annex.services, next(BORN))
    page = in_annex("nurse", script=script)
    # No click and no load after signing in: what is due stands there.
    expect(due(page, person)).to_be_visible()
    hand = Hand(page)

    hand.follow(due(page, person))

    expect(page.get_by_role("heading", level=1)).to_contain_text("LEFS")
    assert (hand.clicks, hand.loads) == (1, 1)


def test_a_missing_reason_takes_one_click_and_no_load(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = opened(on_the_ward("nurse"), ward, person)
    row = page.locator("[data-item=lefs_16]")
    open_reasons(row)
    hand = Hand(page)

    hand.click(row.get_by_role("button", name="Declined"))

    assert (hand.clicks, hand.loads) == (1, 0)
    expect(page.locator("#lefs_16__missing")).to_have_value("refused")


@SCRIPTS
def test_a_correction_takes_one_click_no_load_and_one_reason_a_save(
    on_the_ward: SignIn, ward: Server, person: Participant, script: bool
) -> None:
    page = opened(on_the_ward("nurse", script=script), ward, person)
    fill_head(page)
    answer(page, MIXED)
    save(page)
    expect_score(page, "40")
    hand = Hand(page)

    hand.click(page.locator("[name=lefs_1][value='4']"))

    assert (hand.clicks, hand.loads) == (1, 0)
    page.select_option("[name=reason]", "Typing error")
    save(page)
    assert answers(page, "lefs") == CORRECTED
    assert hand.loads == 1
    expect_score(page, "44")


def test_the_whole_form_is_done_without_scripts(in_annex: SignIn, annex: Server) -> None:
    person = due_for_lefs(annex.services, next(BORN))
    page = in_annex("nurse", script=False)
    with next_page(page):
        due(page, person).click()
    fill_head(page)
    answer(page, MIXED[:19])
    save(page)
    expect(page.locator("#app-outcome")).to_contain_text("20. Turning over in bed")
    expect(page.locator("#lefs_score")).not_to_contain_text("36")

    page.locator("[data-item=lefs_20] summary").click()
    page.select_option("#lefs_20__missing", "refused")
    save(page)
    # 19 answers that sum to 36, raised to twenty: 20 * 36 / 19 = 37.89…
    expect(page.locator("#lefs_prorated")).to_contain_text("37.9")
    page.select_option("#lefs_20__missing", "")
    page.check("[name=lefs_20][value='4']", force=True)
    page.select_option("[name=reason]", "Typing error")
    save(page)
    expect_score(page, "40")
