"""Nothing typed is lost: killed server, dead network, ended session, full disk, Back, reload."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Dialog, Page, Response, expect

from capture import create_app
from capture.accounts.tables import session
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.browser.conftest import SignIn
from tests.browser.hand import answers, sign_in, turn_number_keys_on
from tests.browser.journey import next_page, press
from tests.browser.served import served
from tests.fault.test_disk_full import Disk
from tests.support.demonstration import Server, copied
from tests.support.ward import add_ward_study, form_path, walker

pytestmark = pytest.mark.browser
CODES = "01234012340123401234"
NOT_STORED = re.compile(r"^Not stored since \d\d:\d\d: ")
STORED = re.compile(r"^Draft saved at \d\d:\d\d$")


@pytest.fixture
def person(ward: Server) -> Participant:
    return walker(ward.services)


@pytest.fixture
def grid(on_the_ward: SignIn, ward: Server, person: Participant) -> Page:
    """The grid of twenty, with number keys, nothing answered yet."""
    page = on_the_ward("nurse")
    turn_number_keys_on(page, ward.url)
    page.goto(ward.url + form_path(ward.services, person, "walking"))
    page.focus("#wk_1")
    return page


def holds(item: str) -> Callable[[Response], bool]:
    """Whether it answers a draft with the item, and so with all that was typed before it."""
    return lambda answer: f'"{item}":[' in (answer.request.post_data or "")


def type_all_but_the_last(page: Page) -> None:
    """Nineteen answers, which lie on the server; the focus waits on the twentieth."""
    with page.expect_response(holds("wk_19")):
        page.keyboard.type(CODES[:19])
    expect(page.locator("[data-draft-status]")).to_have_text(STORED)


def type_the_last(page: Page) -> None:
    """Reaches nobody: the page says so and keeps it."""
    page.keyboard.type(CODES[19])
    page.locator("#wk_20").blur()
    expect(page.locator("[data-draft-status]")).to_have_text(NOT_STORED)
    assert answers(page) == CODES


def save_in_vain(page: Page) -> None:
    """Press Save where nothing can be sent; the page stays, and says so."""
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-draft-status]")).to_have_text(NOT_STORED)


def is_kept(page: Page) -> None:
    expect(page.locator("[data-draft-status]")).to_have_text(STORED)


def test_a_killed_server_takes_nothing(grid: Page, ward: Server) -> None:
    type_all_but_the_last(grid)
    ward.kill()
    try:
        type_the_last(grid)
        save_in_vain(grid)
        assert answers(grid) == CODES
    finally:
        ward.start()
    is_kept(grid)
    grid.reload()

    assert answers(grid) == CODES
    expect(grid.locator("#draft")).to_contain_text("It is not saved yet")


def test_what_lay_on_the_server_is_back_when_page_and_server_die_together(
    grid: Page, ward: Server
) -> None:
    type_all_but_the_last(grid)
    address = grid.url
    context = grid.context
    ward.kill()
    grid.close()
    ward.start()

    page = context.new_page()
    page.goto(address)
    assert answers(page) == CODES[:19] + "."


def test_a_dead_network_takes_nothing_and_a_save_waits_for_it(grid: Page) -> None:
    type_all_but_the_last(grid)
    grid.context.set_offline(True)
    type_the_last(grid)
    save_in_vain(grid)
    assert answers(grid) == CODES

    grid.context.set_offline(False)
    is_kept(grid)
    # A second click within a second of the page counts as a double click.
    grid.evaluate("new Promise(done => setTimeout(done, 1000))")
    press(grid, "Save")
    expect(grid.locator("#app-outcome")).to_contain_text("Walking saved")
    assert answers(grid) == CODES


def test_whoever_leaves_with_something_unstored_is_asked(grid: Page) -> None:
    type_all_but_the_last(grid)
    grid.context.set_offline(True)
    type_the_last(grid)
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    grid.on("dialog", stay)
    with grid.expect_event("dialog"):
        grid.close(run_before_unload=True)

    assert asked == ["beforeunload"]
    assert answers(grid) == CODES


def test_whoever_types_and_follows_a_link_at_once_is_not_asked_and_loses_nothing(
    grid: Page,
) -> None:
    asked: list[str] = []
    grid.on("dialog", lambda dialog: asked.append(dialog.type))
    address = grid.url
    grid.keyboard.type("012")

    with next_page(grid):
        grid.get_by_role("link", name="Home", exact=True).click()
    expect(grid.get_by_role("heading", level=1)).to_have_text("Home")

    assert asked == []
    grid.goto(address)
    assert answers(grid).startswith("012.")


def test_a_session_revoked_in_the_twentieth_item_takes_nothing(grid: Page, ward: Server) -> None:
    type_all_but_the_last(grid)
    revoke_all(ward.services)
    type_the_last(grid)
    address = grid.url

    press(grid, "Save")
    expect(grid.get_by_text("Your session had ended")).to_be_visible()
    sign_in(grid, "nurse")

    expect(grid).to_have_url(address)
    assert answers(grid) == CODES
    expect(grid.locator("#kept")).to_contain_text("It is not saved yet")


def test_signing_out_in_another_tab_takes_nothing(grid: Page, ward: Server) -> None:
    type_all_but_the_last(grid)
    other = grid.context.new_page()
    other.goto(ward.url)
    press(other, "Sign out")
    expect(other).to_have_url(re.compile("/sign-in$"))
    type_the_last(grid)

    press(grid, "Save")
    sign_in(grid, "nurse")

    assert answers(grid) == CODES


def test_what_is_typed_after_a_new_sign_in_is_newer_than_what_was_kept(
    grid: Page, ward: Server
) -> None:
    type_all_but_the_last(grid)
    revoke_all(ward.services)
    type_the_last(grid)
    press(grid, "Save")
    sign_in(grid, "nurse")
    is_kept(grid)
    with grid.expect_response(holds("wk_20")):
        grid.locator("[name=wk_20][value='0']").check(force=True)
    grid.reload()

    assert answers(grid) == CODES[:19] + "0"


def test_back_and_reload_bring_everything_back(grid: Page, ward: Server) -> None:
    type_all_but_the_last(grid)
    grid.goto(ward.url)
    grid.go_back()

    assert answers(grid) == CODES[:19] + "."
    grid.reload()
    assert answers(grid) == CODES[:19] + "."


def stopped(page: Page, url: str, services: Services, person: Participant) -> Page:
    """The measures in a page whose clock stands still but for what the test lets pass."""
    page.clock.install()
    page.goto(url + form_path(services, person, "measures"))
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))
    return page


def test_typing_without_a_pause_is_kept_in_between(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = stopped(on_the_ward("nurse", alone=True), ward.url, ward.services, person)
    page.focus("#ms_notes")
    with page.expect_response(holds("ms_notes")):
        for letter in "write":
            page.keyboard.press(letter)
            page.clock.run_for(1000)

    is_kept(page)


def test_what_was_typed_five_seconds_ago_lies_on_the_server(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = stopped(on_the_ward("nurse", alone=True), ward.url, ward.services, person)
    with page.expect_response(holds("ms_notes")):
        page.fill("#ms_notes", "a word")
        page.clock.run_for(5000)

    is_kept(page)


def test_the_page_says_draft_saved_at_most_once_a_minute(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    page = on_the_ward("nurse")
    page.goto(ward.url + form_path(ward.services, person, "measures"))
    page.evaluate(
        "window.said = window.kept = 0; new MutationObserver(() => { window.said += 1; }).observe("
        "document.querySelector('[data-draft-status]'), {childList: true});"
        "document.addEventListener('app:kept', () => { window.kept += 1; })"
    )
    for number, text in enumerate(("60", "61", "62"), start=1):
        page.fill("#ms_weight", text)
        page.press("#ms_weight", "Tab")
        page.wait_for_function("number => window.kept === number", arg=number)

    is_kept(page)
    assert page.evaluate("window.said") == 1


def test_nothing_typed_is_left_in_the_browser(grid: Page) -> None:
    type_all_but_the_last(grid)
    left = grid.evaluate(
        "(async () => [localStorage.length, sessionStorage.length,"
        " (await indexedDB.databases()).length, (await caches.keys()).length,"
        " JSON.stringify(history.state)])()"
    )

    assert left == [0, 0, 0, 0, "null"]


def test_nothing_is_shown_by_back_after_signing_out(
    grid: Page, ward: Server, person: Participant
) -> None:
    type_all_but_the_last(grid)
    answer = grid.goto(grid.url)
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
    press(grid, "Sign out")
    expect(grid).to_have_url(re.compile("/sign-in$"))

    grid.go_back()

    expect(grid.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(grid.get_by_text(person.number)).to_have_count(0)


def test_two_nurses_type_into_one_form_and_neither_loses_a_word(
    on_the_ward: SignIn, ward: Server, person: Participant
) -> None:
    address = ward.url + form_path(ward.services, person, "measures")
    first, second = on_the_ward("nurse"), on_the_ward("investigator")
    first.goto(address)
    second.goto(address)
    first.fill("#ms_notes", "what the first typed")
    first.press("#ms_notes", "Tab")
    is_kept(first)
    second.fill("#ms_notes", "what the second typed")
    second.press("#ms_notes", "Tab")
    expect(second.locator("[data-draft-status]")).to_contain_text("There is a draft by Nora Nurse")

    first.reload()
    second.reload()
    assert first.input_value("#ms_notes") == "what the first typed"
    assert second.input_value("#ms_notes") == "what the second typed"
    expect(second.locator("main")).to_contain_text("Draft by Nora Nurse, ")
    press(second, "Take over draft")
    expect(second.get_by_text("Save or discard it first")).to_be_visible()


def revoke_all(services: Services) -> None:
    """As an administrator's closing of an account does."""
    with services.database.writing() as connection:
        ended = {"revoked_at": "2026-01-01T00:00:00.000000Z"}
        connection.execute(sa.update(session).values(**ended))


@pytest.fixture
def full(shared: Path, tmp_path: Path) -> Iterator[tuple[str, Disk, Services]]:
    """The same served in this process, on a disk that the test can fill."""
    app = create_app(copied(shared, tmp_path / "full"))
    services = app.extensions["sarcomere"]
    add_ward_study(services)
    with served(app) as url:
        yield url, Disk(services.database.engine), services
    services.database.engine.dispose()


def test_a_full_disk_takes_nothing(browser: Browser, full: tuple[str, Disk, Services]) -> None:
    url, disk, services = full
    page = browser.new_page()
    page.goto(f"{url}/sign-in")
    sign_in(page, "nurse")
    # Nothing is tried again before its time: what the server answers below answers what was done.
    stopped(page, url, services, walker(services))
    drafts = re.compile("/draft$")
    disk.fill()
    # Far more than the free pages of the file can hold.
    text = "every word of this is kept " * 20_000
    page.fill("#ms_notes", text)
    with page.expect_response(drafts):
        page.get_by_role("button", name="Save", exact=True).focus()
    grown = page.locator("[data-draft-status]")
    expect(grown).to_contain_text("The server's disk is full.")

    with page.expect_response(drafts) as saved:
        page.keyboard.press("Enter")
    assert saved.value.status == 503
    expect(grown).to_contain_text("The server's disk is full.")
    assert page.input_value("#ms_notes").startswith(text)
    disk.clear()
    page.clock.resume()
    expect(grown).to_have_text(STORED)
    page.reload()
    assert page.input_value("#ms_notes").startswith(text)
    page.close()
