"""One computer on the ward, several people: locked with one key, left, taken over by another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from capture.accounts.tables import throttle
from capture.accounts.throttle import ACCOUNT_LIMIT
from capture.participants.records import Participant
from tests.browser.accessibility import faults
from tests.browser.conftest import SignIn
from tests.browser.hand import sign_in, unlock
from tests.browser.journey import next_page, press
from tests.support.demonstration import Server
from tests.support.ward import form_path, walker

pytestmark = pytest.mark.browser
LOCKED = "The screen is locked"


@pytest.fixture
def person(ward: Server) -> Participant:
    return walker(ward.services)


@pytest.fixture
def form(on_the_ward: SignIn, ward: Server, person: Participant) -> Page:
    """The measures as the nurse has them open."""
    page = on_the_ward("nurse", alone=True)
    page.goto(ward.url + form_path(ward.services, person, "measures"))
    return page


def is_locked(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(LOCKED)
    page.wait_for_load_state()


def test_one_key_locks_and_the_password_leads_back_to_the_field(
    form: Page, person: Participant
) -> None:
    form.fill("#ms_weight", "72.5")
    form.fill("#ms_notes", "typed a moment before")

    form.keyboard.press("Alt+l")

    is_locked(form)
    assert person.number not in form.content()
    expect(form.locator("#password")).to_be_focused()
    unlock(form)
    expect(form.locator("#ms_notes")).to_be_focused()
    assert form.input_value("#ms_weight") == "72.5"
    assert form.input_value("#ms_notes") == "typed a moment before"


def test_the_page_is_covered_before_the_server_answers(form: Page, person: Participant) -> None:
    form.route("**/session/lock", lambda _waiting: None)
    form.fill("#ms_notes", "private words")

    form.get_by_role("button", name="Lock screen", exact=True).click()

    expect(form.locator(".app-cover")).to_be_visible()
    expect(form.get_by_text(person.number)).to_be_hidden()
    expect(form.locator("#ms_notes")).to_be_hidden()
    expect(form).to_have_title("Locked – Sarcomere")
    assert faults(form) == []


def test_a_page_that_cannot_be_locked_stays_covered_and_keeps_what_is_typed(form: Page) -> None:
    form.context.set_offline(True)
    form.fill("#ms_notes", "typed without a network")
    form.get_by_role("button", name="Lock screen", exact=True).click()
    expect(form.locator(".app-cover")).to_contain_text("could not be stored yet")

    form.context.set_offline(False)
    is_locked(form)
    unlock(form)
    assert form.input_value("#ms_notes") == "typed without a network"


def test_locking_covers_the_other_pages_of_the_browser(form: Page, person: Participant) -> None:
    other = form.context.new_page()
    other.goto(form.url)
    other.fill("#ms_notes", "typed in the other tab")
    expect(other.locator("[data-draft-status]")).to_contain_text("Draft saved")

    form.get_by_role("button", name="Lock screen", exact=True).click()

    is_locked(form)
    is_locked(other)
    assert person.number not in other.content()
    unlock(other)
    assert other.input_value("#ms_notes") == "typed in the other tab"


def test_what_another_page_could_not_send_before_the_lock_waits_there_and_can_be_sent(
    form: Page, person: Participant
) -> None:
    other = form.context.new_page()
    other.goto(form.url)
    other.route("**/draft", lambda _waiting: None)
    other.fill("#ms_notes", "typed in the other tab")
    with other.expect_request("**/draft"):
        form.get_by_role("button", name="Lock screen", exact=True).click()
    is_locked(form)

    other.unroute("**/draft")
    expect(other.locator(".app-cover")).to_contain_text("could not be stored yet")
    expect(other.get_by_text(person.number)).to_be_hidden()
    press(other, "Send what I typed and sign in")

    is_locked(other)
    unlock(other)
    assert other.input_value("#ms_notes") == "typed in the other tab"
    expect(other.locator("#kept")).to_contain_text("It is not saved yet")


@pytest.fixture
def patience(ward: Server) -> Iterator[None]:
    """Forget afterwards that somebody was throttled."""
    yield
    with ward.services.database.writing() as connection:
        connection.execute(sa.delete(throttle))


@pytest.mark.usefixtures("patience")
def test_wrong_passwords_on_the_lock_are_told_and_throttled(form: Page) -> None:
    address = form.url
    form.get_by_role("button", name="Lock screen", exact=True).click()
    is_locked(form)
    unlock(form, "not the password")
    expect(form.locator("#error-summary")).to_contain_text("This is not your password")
    assert faults(form) == []
    for _ in range(ACCOUNT_LIMIT - 1):
        unlock(form, "not the password")
    unlock(form)

    expect(form.locator("#error-summary")).to_contain_text("There were too many attempts")
    form.goto(address)
    is_locked(form)


def test_a_locked_page_carries_nothing_over_to_the_next_person(
    form: Page, ward: Server, person: Participant
) -> None:
    form.fill("#ms_notes", "what Nora typed")
    form.get_by_role("button", name="Lock screen", exact=True).click()
    is_locked(form)
    assert faults(form) == []

    with next_page(form):
        form.get_by_role("link", name="Sign in with another account").click()
    sign_in(form, "investigator")

    expect(form.locator(".app-header__who")).not_to_contain_text("Nora")
    expect(form.get_by_role("heading", level=1)).to_have_text("Home")
    expect(form.locator("#drafts-table tr", has_text=person.number)).to_have_count(0)
    form.goto(ward.url + form_path(ward.services, person, "measures"))
    assert form.input_value("#app-search") == ""
    assert form.input_value("#ms_notes") == ""
    expect(form.locator("main")).to_contain_text("Draft by Nora Nurse")


def test_the_page_of_one_is_refused_in_the_session_of_another_and_kept_for_the_first(
    form: Page, ward: Server, person: Participant
) -> None:
    address = form.url
    second = form.context.new_page()
    second.goto(ward.url)
    press(second, "Sign out")
    sign_in(second, "investigator")
    expect(second.get_by_role("heading", level=1)).to_have_text("Home")
    form.fill("#ms_notes", "what Nora typed")

    press(form, "Save")

    expect(form.locator("main")).to_contain_text("This page was opened by Nora Nurse")
    expect(form.locator("main")).to_contain_text("is kept for Nora Nurse")
    expect(form.get_by_text("what Nora typed")).to_have_count(0)
    assert faults(form) == []
    second.goto(address)
    assert second.input_value("#ms_notes") == ""
    press(second, "Sign out")
    sign_in(second, "nurse")
    row = second.locator("#kept-table tr", has_text=person.number)
    with next_page(second):
        row.get_by_role("link", name="Continue with what you entered").click()
    assert second.input_value("#ms_notes") == "what Nora typed"


def test_who_saves_and_about_whom_stands_on_the_page(form: Page, person: Participant) -> None:
    expect(form.locator(".app-header__who")).to_contain_text("Nora Nurse")
    expect(form.locator(".app-save__who")).to_have_text("Saving as Nora Nurse, nurse")
    expect(form.locator(".app-participant")).to_contain_text(person.number)


def test_the_idle_warning_hides_the_page_and_the_session_ends_with_everything_kept(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = on_the_ward("nurse", alone=True)
    page.clock.install()
    address = ward.url + form_path(ward.services, person, "measures")
    page.goto(address)
    page.fill("#ms_notes", "typed before the break")
    page.clock.fast_forward(2500)
    # Once it is said, the page has counted its half hour anew.
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft saved")

    page.clock.fast_forward(1690 * 1000)
    dialog = page.get_by_role("dialog", name="You will be signed out soon")
    expect(dialog).to_be_visible()
    expect(page).to_have_title("Sarcomere")
    assert faults(page) == []
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()
    page.context.clear_cookies()
    page.clock.fast_forward(1801 * 1000)

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sign_in(page, "nurse")
    expect(page.locator("#ms_notes")).to_be_focused()
    assert page.input_value("#ms_notes") == "typed before the break"


def test_an_ended_session_throws_away_nothing_that_could_not_be_stored(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = on_the_ward("nurse", alone=True)
    page.clock.install()
    page.goto(ward.url + form_path(ward.services, person, "measures"))
    page.context.clear_cookies()
    page.fill("#ms_notes", "typed after the end")
    page.clock.fast_forward(1801 * 1000)

    dialog = page.locator("#app-idle")
    expect(dialog).to_contain_text("You have been signed out")
    page.clock.resume()
    press(page, "Send what I typed and sign in")
    sign_in(page, "nurse")
    assert page.input_value("#ms_notes") == "typed after the end"
