"""The nurse's and the investigator's ways through the running demonstration, in a real browser."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from capture.accounts.demonstration import ACCOUNTS, PASSWORD
from capture.participants.records import Participant
from capture.randomisation.tables import allocation
from tests.browser.accessibility import listen
from tests.browser.conftest import SignIn
from tests.browser.journey import (
    Loads,
    choose,
    fill_consent,
    fill_date,
    fill_the_one_page,
    newcomer,
    next_page,
    participants_url,
    press,
    randomise,
    today,
)
from tests.support.demonstration import Server
from tests.support.esign import ESIGN, screened_walker

pytestmark = pytest.mark.browser
ARM = re.compile(r"3 years \(stop imatinib\)|5 years \(continue imatinib\)")


def allocations(server: Server, person: Participant) -> int:
    wanted = sa.select(sa.func.count()).where(allocation.c.participant == person.id)
    with server.services.database.reading() as connection:
        return int(connection.execute(wanted).scalar_one())


def open_the_way(page: Page, server: Server, person: Participant) -> Loads:
    """From the list of participants to the one page; counts the loads from the list on."""
    page.goto(f"{participants_url(server.url)}?q={person.number}")
    loads = Loads(page)
    with next_page(page):
        page.get_by_role("link", name="Enrol and randomise").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Randomise"))
    return loads


class Keyboard:
    """A nurse who never touches the mouse: Tab to a control, then the keys that it knows."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, selector: str) -> None:
        """Press Tab until what is wanted has the focus; fails when 200 times do not get there."""
        for _ in range(200):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
        pytest.fail(f"no number of tabs reaches {selector}")

    def write(self, name: str, text: str) -> None:
        self.reach(f"[name='{name}']")
        self.page.keyboard.type(text)

    def write_date(self, name: str, day: tuple[str, str, str]) -> None:
        for part, text in zip(("day", "month", "year"), day, strict=True):
            self.write(f"{name}-{part}", text)

    def choose(self, name: str, value: str) -> None:
        """Space takes the first answer of a group, the arrow goes on to the next."""
        self.reach(f"input[type=radio][name='{name}']")
        self.page.keyboard.press("Space")
        wanted = self.page.locator(f"input[name='{name}'][value='{value}']")
        for _ in range(20):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"no arrow leads to {value} of {name}")

    def enter(self) -> None:
        """Enter, and the page that it leads to."""
        with next_page(self.page):
            self.page.keyboard.press("Enter")

    def press(self, words: str) -> None:
        """Enter on the button or link of these words."""
        for _ in range(200):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate("() => document.activeElement.innerText || ''")
            if found.strip().startswith(words):
                self.enter()
                return
        pytest.fail(f"no number of tabs reaches {words}")


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda one: one.email.partition("@")[0])
def test_each_account_signs_in_and_sees_its_own_home(
    page: Page, demonstration: Server, account: object
) -> None:
    who = ACCOUNTS[ACCOUNTS.index(account)]  # type: ignore[arg-type]
    page.goto(demonstration.url)
    page.fill("[name=email]", who.email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")

    expect(page).to_have_url(f"{demonstration.url}/")
    expect(page.locator(".app-header__who")).to_contain_text(who.name)
    expect(page.locator(".app-header__role")).to_have_text(who.role.label)
    expect(page.get_by_role("heading", level=2).first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no scripts"])
def test_screened_person_is_randomised_in_three_page_loads(
    signed_in: SignIn, demonstration: Server, script: bool
) -> None:
    person = newcomer(demonstration.services)
    page = signed_in("nurse", script=script)
    heard = listen(page)
    loads = open_the_way(page, demonstration, person)

    fill_the_one_page(page)
    press(page, "Save and check answers")
    expect(page.locator("[name=password]")).to_be_visible()
    assert ARM.search(page.locator("main").inner_text()) is None
    randomise(page)

    assert loads.count <= 3
    expect(page.locator("#answer")).to_have_text(ARM)
    expect(page.get_by_text("Print this page")).to_be_visible()
    assert allocations(demonstration, person) == 1
    assert heard == []


def test_screened_person_is_randomised_without_a_mouse(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = newcomer(demonstration.services)
    page = signed_in("nurse")
    page.goto(participants_url(demonstration.url))
    keys = Keyboard(page)
    keys.write("q", person.number)
    keys.enter()
    keys.press("Enrol and randomise")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Randomise"))

    keys.write("consent-main-version", "Version 2.0")
    keys.write_date("consent-main-consent_date", today())
    keys.write("consent-main-taken_by", "A. Cole")
    keys.write_date("birth_date", ("27", "2", "1951"))
    keys.choose("sex", "male")
    keys.choose("ecog", "0")
    keys.choose("preg_status", "not_possible")
    keys.write("confirm-doctor", "Dr A. Lindqvist")
    keys.write_date("confirm-date", today())
    keys.write("confirm-where_documented", "clinic letter")
    keys.press("Save and check answers")
    expect(page.locator("[name=password]")).to_be_visible()
    keys.write("password", PASSWORD)
    keys.press("Randomise")

    expect(page.locator("#answer")).to_have_text(ARM)
    assert allocations(demonstration, person) == 1


def test_ineligible_person_is_refused_with_the_criterion_named(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = newcomer(demonstration.services, gist_resection="r2")
    page = signed_in("nurse")
    open_the_way(page, demonstration, person)
    fill_the_one_page(page)
    press(page, "Save and check answers")

    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("No macroscopic residual tumour after surgery")
    page.goto(f"{page.url.removesuffix('/check')}/check")
    expect(page.locator("[name=password]")).to_have_count(0)
    assert allocations(demonstration, person) == 0


def test_unknown_is_refused_with_the_blank_named_and_linked(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = newcomer(demonstration.services, gist_rupture="nk")
    page = signed_in("nurse")
    open_the_way(page, demonstration, person)
    fill_the_one_page(page)
    press(page, "Save and check answers")

    summary = page.locator("#error-summary")
    expect(summary).to_contain_text("rupture", ignore_case=True)
    assert allocations(demonstration, person) == 0


def test_back_reload_and_a_second_tab_keep_one_allocation(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = newcomer(demonstration.services)
    page = signed_in("nurse")
    open_the_way(page, demonstration, person)
    fill_the_one_page(page)
    press(page, "Save and check answers")
    expect(page.locator("[name=password]")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("[name=password]", PASSWORD)

    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Randomise").dblclick()
    expect(page.locator("#answer")).to_be_visible()
    arm = page.locator("#answer").inner_text()
    page.reload()
    expect(page.locator("#answer")).to_have_text(arm)
    page.go_back()
    page.wait_for_load_state()
    page.goto(page.url)
    expect(page.locator("#answer")).to_have_text(arm)
    press(other, "Randomise now")
    expect(other.locator("#answer")).to_have_text(arm)
    assert allocations(demonstration, person) == 1


def test_esign_study_waits_for_the_investigator_and_again_after_a_change(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = screened_walker(demonstration.services)
    home = f"{participants_url(demonstration.url, ESIGN)}/{person.id}"
    nurse = signed_in("nurse")
    nurse.goto(f"{home}/randomise/exercise")
    fill_consent(nurse, "1")
    fill_date(nurse, "ed_birth", ("3", "2", "1980"))
    choose(nurse, {"ed_sex": "female"})
    press(nurse, "Save and check answers")
    expect(nurse.get_by_text("investigator has to sign")).to_be_visible()
    _refuses_to_check(nurse, home)

    _sign(signed_in("investigator"), home)
    nurse.goto(f"{home}/randomise/exercise/check")
    expect(nurse.locator("[name=password]")).to_be_visible()

    _correct_birth(nurse, home)
    _refuses_to_check(nurse, home)
    assert allocations(demonstration, person) == 0
    _sign(signed_in("investigator"), home)
    nurse.goto(f"{home}/randomise/exercise/check")
    randomise(nurse)
    assert allocations(demonstration, person) == 1


def _refuses_to_check(page: Page, home: str) -> None:
    page.goto(f"{home}/randomise/exercise/check")
    expect(page.locator("[name=password]")).to_have_count(0)


def _sign(page: Page, home: str) -> None:
    page.goto(f"{home}/randomise/exercise/sign")
    page.fill("[name=password]", PASSWORD)
    press(page, "Sign")
    expect(page.locator("[name=password]")).to_have_count(0)


def _correct_birth(page: Page, home: str) -> None:
    page.goto(home)
    for words in ("Start", "All types of item"):
        with next_page(page):
            page.get_by_role("link", name=words, exact=True).click()
    page.fill("[name=ed_birth-year]", "1979")
    reason = page.locator("select[name*=reason]")
    if reason.count():
        reason.select_option(index=1)
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_be_focused()
