"""The page kit in a real browser: accessible at three widths, and helpful where scripts run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.datastructures import MultiDict

from forms.edit_checks import shown_items
from tests.browser.accessibility import WIDTHS, faults, listen, sideways_scroll, violations
from tests.browser.hand import open_reasons
from tests.browser.journey import next_page, zipped_weight
from tests.browser.served import served
from tests.unit.pages.kit import TODAY, kitchen_sink, sink_class
from tests.unit.pages.kit_app import create_kit, make_scope

pytestmark = pytest.mark.browser
PAGES = ["/", "/own", "/entry", "/read", "/problem"]


@pytest.fixture(scope="module")
def kit() -> Iterator[tuple[Flask, str]]:
    app = create_kit()
    with served(app) as url:
        yield app, url


@pytest.fixture
def entry(page: Page, kit: tuple[Flask, str]) -> Page:
    page.goto(f"{kit[1]}/entry")
    return page


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_and_fits(page: Page, kit: tuple[Flask, str], address: str) -> None:
    heard = listen(page)

    page.goto(f"{kit[1]}{address}")
    assert faults(page) == []
    assert heard == []


@pytest.mark.parametrize("width", WIDTHS)
def test_errors_are_accessible_focused_and_two_keys_from_the_control(
    entry: Page, width: int
) -> None:
    entry.set_viewport_size({"width": width, "height": 900})
    entry.fill("#weight", "72,5")
    entry.fill("#sbp", "300")
    entry.press("#sbp", "Tab")

    with next_page(entry):
        entry.click("button[value=save]")
    expect(entry.locator("#error-summary")).to_be_focused()
    expect(entry).to_have_title(re.compile("^Error: Kitchen sink"))
    assert violations(entry) == []
    assert sideways_scroll(entry) == 0
    entry.keyboard.press("Tab")
    entry.keyboard.press("Enter")
    expect(entry.locator("#weight")).to_be_focused()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_fits_without_scripts_and_shows_everything(
    browser: Browser, kit: tuple[Flask, str], width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    page = context.new_page()

    page.goto(f"{kit[1]}/entry")
    expect(page.locator("#surgeon")).to_be_visible()
    expect(page.locator("#surgery-none")).to_be_visible()
    page.fill("#sbp", "120")
    page.check("#weight__confirm")
    with next_page(page):
        page.click("button[value=save]")
    expect(page.locator("#app-outcome")).to_be_focused()
    context.close()


def test_conditions_show_and_hide_items_choices_and_sections(entry: Page) -> None:
    expect(entry.locator("#surgeon")).to_be_hidden()
    expect(entry.locator("#tumour_site-3")).to_be_hidden()
    entry.check("#surgery")
    expect(entry.locator("#surgeon")).to_be_visible()
    expect(entry.locator("#tumour_site-3")).to_be_visible()
    entry.check("#surgery-2")
    expect(entry.locator("#surgeon")).to_be_hidden()
    expect(entry.locator("#lefs_1")).to_be_hidden()


def test_an_answer_can_be_cleared(entry: Page) -> None:
    entry.check("#surgery-2")

    entry.get_by_role("button", name="Clear the answer: Operated on before?").click()
    expect(entry.locator("#surgery-2")).not_to_be_checked()
    expect(entry.locator("#lefs_1")).to_be_visible()


def date_texts(page: Page, item: str) -> list[str]:
    return [page.input_value(f"#{item}-{box}") for box in ("day", "month", "year")]


def test_a_separator_moves_on_and_the_weekday_is_said(entry: Page) -> None:
    entry.click("#visit_date-day")
    entry.keyboard.type("15/3.2026")

    assert date_texts(entry, "visit_date") == ["15", "3", "2026"]
    expect(entry.locator("#visit_date-item .app-weekday")).to_have_text("Sunday")


def test_a_pasted_date_fills_all_boxes(entry: Page) -> None:
    entry.context.grant_permissions(["clipboard-read", "clipboard-write"])
    entry.evaluate("navigator.clipboard.writeText('15/03/1984')")
    entry.click("#diagnosed-day")
    entry.keyboard.press("Control+V")

    assert date_texts(entry, "diagnosed") == ["15", "03", "1984"]


def test_today_is_the_sites_day(entry: Page) -> None:
    entry.get_by_role("button", name="Today: First dose taken").click()

    assert date_texts(entry, "dose_at") == ["23", "11", "2026"]


def test_a_number_outside_its_limits_is_asked_about_beside_the_box(entry: Page) -> None:
    entry.fill("#sbp", "300")
    entry.press("#sbp", "Tab")
    question = entry.locator("#sbp-item .app-question")
    expect(question).to_contain_text(
        "300 mmHg is out of range (80 to 200 mmHg). Please confirm or correct."
    )

    entry.check("#sbp__confirm")
    entry.fill("#sbp", "301")
    expect(question).to_have_count(0)


def test_a_tick_about_a_stored_value_does_not_pass_to_a_new_one(entry: Page) -> None:
    entry.check("#weight__confirm")
    entry.fill("#weight", "300")

    expect(entry.locator("#weight__confirm").first).to_be_disabled()


def test_a_tick_about_a_stored_value_does_not_pass_to_another_unit(entry: Page) -> None:
    entry.check("#weight__confirm")
    entry.select_option("#weight__unit", "lb")

    expect(entry.locator("#weight__confirm").first).to_be_disabled()


def test_a_limit_counts_in_the_unit_chosen(entry: Page) -> None:
    entry.fill("#weight", "160")
    entry.select_option("#weight__unit", "lb")

    # 160 lb are 72.6 kg, inside 40 to 150 kg
    expect(entry.locator("#weight-item .app-question:visible")).to_have_count(0)


@pytest.mark.parametrize(
    "typed, unit, is_asked",
    [
        ("100.1", "mg/L", True),
        ("100", "mg/L", False),
        ("<5", "mg/L", False),
        (">200", "mg/L", False),
        ("> 200", "mg/L", False),
        ("20", "mg/dL", True),
        (">20", "mg/dL", False),
        ("", "mg/L", False),
    ],
)
def test_browser_and_server_read_a_limit_as_no_number(
    entry: Page, typed: str, unit: str, is_asked: bool
) -> None:
    entry.select_option("#crp__unit", unit)
    entry.locator("#crp").press_sequentially(typed)

    expect(entry.locator("#infection")).to_be_visible(visible=is_asked)
    form = sink_class()(MultiDict({"crp": typed, "crp__unit": unit}), today=TODAY)
    assert form.validate()
    cells = {name: cell for name, cell in form.cells().items() if cell is not None}
    assert ("infection" in shown_items(kitchen_sink(), cells, make_scope())) is is_asked


def test_a_limit_typed_by_keyboard_is_kept_as_typed_beside_a_refused_answer(entry: Page) -> None:
    entry.locator("#crp").press_sequentially("<5")
    entry.fill("#weight", "72,5")

    with next_page(entry):
        entry.click("button[value=save]")

    expect(entry.locator("#crp")).to_have_value("<5")
    expect(entry.locator("#crp-item .nhsuk-error-message")).to_have_count(0)


def say_refused(entry: Page) -> None:
    open_reasons(entry.locator("#sbp-item"))
    entry.get_by_role("button", name="Declined").click()


def test_value_and_missing_reason_exclude_each_other(entry: Page) -> None:
    entry.fill("#sbp", "120")
    say_refused(entry)
    assert entry.input_value("#sbp") == ""
    assert entry.input_value("#sbp__missing") == "refused"
    expect(entry.locator("#sbp-item .app-undo")).to_contain_text("“120” was taken out: Declined.")
    entry.get_by_role("button", name="Put it back").click()
    assert entry.input_value("#sbp") == "120"
    assert entry.input_value("#sbp__missing") == ""
    say_refused(entry)
    entry.fill("#sbp", "121")
    assert entry.input_value("#sbp__missing") == ""


def test_a_lone_choice_unchecks_the_others(entry: Page) -> None:
    entry.check("#symptoms")
    entry.check("#symptoms-3")

    expect(entry.locator("#symptoms")).not_to_be_checked()


def test_digits_answer_a_grid_row_by_row(entry: Page) -> None:
    entry.focus("#lefs_1")
    for key in "34120":
        entry.keyboard.press(key)

    chosen = [entry.locator(f"[name=lefs_{row}]:checked").input_value() for row in range(1, 6)]
    assert chosen == ["3", "4", "1", "2", "0"]


def test_keys_leave_out_a_row_that_is_hidden(entry: Page) -> None:
    """A grid is hidden as a whole today; here the test itself hides one row."""
    entry.locator(".app-grid__row:has(#lefs_2)").evaluate("row => { row.hidden = true; }")
    entry.focus("#lefs_1")
    entry.keyboard.press("3")

    expect(entry.locator("#lefs_3")).to_be_focused(timeout=5000)


def test_the_line_and_its_box_follow_each_other(entry: Page) -> None:
    entry.fill("#pain", "70")
    expect(entry.locator(".app-line")).to_have_value("70")
    entry.press(".app-line", "ArrowRight")
    assert entry.input_value("#pain") == "71"


def test_what_is_typed_is_kept_as_a_draft(entry: Page, kit: tuple[Flask, str]) -> None:
    entry.fill("#remarks", "Feels <well>")
    entry.press("#remarks", "Tab")

    expect(entry.locator("[data-draft-status]")).to_have_text("Draft saved at 14:32")
    # A page that another test left may send its own at any moment.
    drafts = kit[0].extensions["kit_drafts"]
    (kept,) = [one for one in drafts if one["typed"].get("remarks") == ["Feels <well>"]]
    assert kept["version"] == "1"
    assert "csrf_token" not in kept["typed"]


def test_what_is_typed_while_a_draft_is_on_its_way_is_kept_after_it(entry: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    entry.route("**/draft", hold, times=1)
    with entry.expect_request("**/draft"):
        entry.fill("#remarks", "First words")
        entry.press("#remarks", "Tab")
    entry.fill("#remarks", "First words, and more")
    entry.press("#remarks", "Tab")

    with entry.expect_request(lambda sent: "and more" in (sent.post_data or ""), timeout=5000):
        held[0].continue_()


def test_a_draft_that_cannot_be_kept_says_since_when(entry: Page) -> None:
    entry.route("**/draft", lambda route: route.abort())
    entry.fill("#remarks", "Lost?")
    entry.press("#remarks", "Tab")

    status = entry.locator("[data-draft-status]")
    expect(status).to_contain_text(
        re.compile(r"^Not stored since \d\d:\d\d: the server does not answer")
    )


def test_the_idle_warning_hides_the_page_and_can_be_answered(
    fresh_page: Page, kit: tuple[Flask, str]
) -> None:
    page = fresh_page
    page.route("**/keep", lambda route: route.fulfill(status=204))
    page.clock.install()
    page.goto(f"{kit[1]}/own")

    page.clock.fast_forward(1690 * 1000)
    dialog = page.get_by_role("dialog", name="You will be signed out soon")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Stay signed in").click()
    expect(dialog).to_be_hidden()


def test_a_first_page_weighs_at_most_60_kb_zipped(fresh_page: Page, kit: tuple[Flask, str]) -> None:
    assert zipped_weight(fresh_page, f"{kit[1]}/own") <= 60 * 1024
