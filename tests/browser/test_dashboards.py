"""The dashboards of both studies in a real browser: accessible, narrow too, and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import WIDTHS, faults, listen
from tests.browser.conftest import SignIn
from tests.browser.journey import next_page
from tests.support.demonstration import Server
from tests.support.legs import LEGS
from tests.support.trial import GIST

pytestmark = pytest.mark.browser
PAGES = {GIST: ("", "/forms", "/scores"), LEGS: ("", "/forms", "/scores")}
CLIPPED = """() => [...document.querySelectorAll('.app-chart__drawing')].flatMap(drawing => {
  const box = drawing.getBoundingClientRect();
  return [...drawing.querySelectorAll('text')]
    .filter(words => {
      const place = words.getBoundingClientRect();
      return place.left < box.left - 1 || place.right > box.right + 1
        || place.top < box.top - 1 || place.bottom > box.bottom + 1;
    }).map(words => `${drawing.querySelector('title').textContent}: ${words.textContent}`);
})"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.app-chart__words')].map(words => {
  const drawing = words.closest('svg');
  const scale = drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
  return scale * parseFloat(getComputedStyle(words).fontSize);
}))"""


def addresses(server: Server) -> list[str]:
    return [
        f"{server.url}/studies/{study}/dashboard{path}"
        for study, paths in PAGES.items()
        for path in paths
    ]


def test_every_dashboard_is_accessible_at_three_widths(
    signed_in: SignIn, demonstration: Server
) -> None:
    page = signed_in("data-manager")
    heard, found = listen(page), []
    for address in addresses(demonstration):
        page.goto(address)
        for table in page.locator("details").all():
            table.locator("summary").click()
        found += faults(page)

    assert found == []
    assert heard == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_words_of_a_drawing_are_cut_off_or_too_small(
    signed_in: SignIn, demonstration: Server, width: int
) -> None:
    page = signed_in("data-manager")
    page.set_viewport_size({"width": width, "height": 900})
    for address in addresses(demonstration):
        page.goto(address)
        if page.locator(".app-chart__drawing").count():
            assert page.evaluate(CLIPPED) == [], address
            assert page.evaluate(SMALLEST) >= 11, address


def test_numbers_are_there_and_taken_away_without_scripts(
    browser: Browser, signed_in: SignIn, demonstration: Server, tmp_path: Path
) -> None:
    state = signed_in("data-manager").context.storage_state()
    context = browser.new_context(storage_state=state, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demonstration.url}/studies/{LEGS}/dashboard")

    _go(page, "Forms", "Completeness by form: the numbers")
    expect(page.get_by_role("table", name="Completeness by form")).to_be_visible()
    _go(page, "Scores", "TESS by visit: the numbers")
    table = page.get_by_role("table", name="TESS by visit")
    expect(table.get_by_role("columnheader", name="Median")).to_be_visible()
    with page.expect_download() as taken:
        page.locator("details[open]").get_by_role("link", name="Download as CSV").click()
    taken.value.save_as(tmp_path / "tess.csv")
    context.close()

    lines = (tmp_path / "tess.csv").read_text("utf-8").splitlines()
    assert lines[0] == "Of whom,Visit,n,Lower quartile,Median,Upper quartile"
    assert lines[1].startswith("Everybody,")


def _go(page: Page, tab: str, table: str) -> None:
    """To another dashboard, and open one of its tables."""
    dashboards = page.get_by_role("navigation", name="Dashboards")
    with next_page(page):
        dashboards.get_by_role("link", name=tab).click()
    expect(dashboards.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
    page.get_by_text(table, exact=True).click()
