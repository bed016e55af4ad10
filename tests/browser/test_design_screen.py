"""The design screen in a real browser: accessible, narrow, by keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import WIDTHS, faults, listen
from tests.browser.conftest import Contexts, SignIn, opening
from tests.browser.journey import next_page, press
from tests.browser.test_dashboards import CLIPPED, SMALLEST
from tests.support.demonstration import Server
from tests.support.designed import CHEMOTHERAPY, CT1A, INDUCTION, JV02, add_designed_studies
from tests.support.randomising import DURATION
from tests.support.trial import GIST

pytestmark = pytest.mark.browser
SCREENS = {GIST: DURATION, CT1A: INDUCTION, JV02: CHEMOTHERAPY}


@pytest.fixture(scope="session")
def designed(annex: Server) -> Server:
    """With the two studies beside the others."""
    add_designed_studies(annex.services, "unblinded@demo.example")
    return annex


@pytest.fixture
def at_the_desk(browser: Browser, designed: Server, contexts: Contexts) -> Iterator[SignIn]:
    yield from opening(browser, designed, contexts)


def address(server: Server, study: str) -> str:
    return f"{server.url}/studies/{study}/randomisations/{SCREENS[study]}/simulation"


def opened(page: Page) -> Page:
    for table in page.locator("details").all():
        table.locator("summary").click()
    return page


def test_the_screens_of_three_studies_are_accessible(at_the_desk: SignIn, designed: Server) -> None:
    page = at_the_desk("unblinded")
    heard, found = listen(page), []
    for study in SCREENS:
        page.goto(address(designed, study))
        expect(page.get_by_role("table", name="Designs side by side")).to_be_visible()
        found += faults(opened(page))

    assert found == []
    assert heard == []


def test_no_words_of_a_drawing_are_cut_off_or_too_small(
    at_the_desk: SignIn, designed: Server
) -> None:
    page = at_the_desk("unblinded")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for study in SCREENS:
            page.goto(address(designed, study))
            assert page.locator(".app-chart__drawing").count() == 2
            assert page.evaluate(CLIPPED) == [], study
            assert page.evaluate(SMALLEST) >= 11, study


def test_two_designs_are_compared_by_keyboard_alone(at_the_desk: SignIn, designed: Server) -> None:
    page = at_the_desk("unblinded")
    page.goto(address(designed, JV02))
    link = page.get_by_role("link", name="Change participants and designs")
    tab_to(page, link)
    with next_page(page):
        page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("First design to compare with"))
    page.keyboard.type("sizes: [6, 9]")
    tab_to(page, page.get_by_role("button", name="Simulate"))
    with next_page(page):
        page.keyboard.press("Enter")

    table = page.get_by_role("table", name="Designs side by side")
    expect(table.get_by_role("columnheader", name="First typed design")).to_be_visible()
    assert faults(opened(page)) == []


def tab_to(page: Page, wanted: object) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):  # type: ignore[attr-defined]
            return
    raise AssertionError("the keyboard does not reach it")


def test_a_refused_design_is_named_without_scripts(
    browser: Browser, at_the_desk: SignIn, designed: Server
) -> None:
    page = at_the_desk("unblinded", script=False)
    page.goto(address(designed, CT1A))
    page.get_by_label("First design to compare with").fill("measure: range\np: 2/0")
    press(page, "Simulate")

    summary = page.locator("#error-summary")
    expect(summary).to_contain_text("p is '2/0'")
    expect(page.get_by_label("First design to compare with")).to_have_value(
        "measure: range\np: 2/0"
    )
