"""A nurse's hand at the keyboard and the mouse: it does, and counts what it does."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from capture.accounts.demonstration import PASSWORD
from tests.browser.journey import Loads, next_page, press

ROWS = range(1, 21)


class Hand:
    """Presses keys and clicks one at a time; the pages that are loaded are counted beside."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0
        self.clicks = 0
        self._loads = Loads(page)

    @property
    def loads(self) -> int:
        return self._loads.count

    def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(key)
            self.keys += 1

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def follow(self, target: Locator) -> None:
        """Click what leads to another page."""
        with next_page(self.page):
            self.click(target)

    def follow_button(self, words: str) -> None:
        self.follow(self.page.get_by_role("button", name=words, exact=True))


def answers(page: Page, prefix: str = "wk", rows: range = ROWS) -> str:
    """The codes chosen in a grid, row by row; a dot where there is none."""
    chosen = page.locator(f"[name^={prefix}_]:checked").evaluate_all(
        "all => Object.fromEntries(all.map(one => [one.name, one.value]))"
    )
    return "".join(chosen.get(f"{prefix}_{row}") or "." for row in rows)


def open_reasons(item: Locator) -> None:
    """Hold the mouse over "Reason missing", away from the edges: scrolling closes the reasons."""
    item.evaluate("item => item.scrollIntoView({block: 'center'})")
    item.locator(".app-missing__chip").hover()


def sign_in(page: Page, who: str) -> None:
    """Come in as an account of the demonstration."""
    come_in(page, f"{who}@demo.example", PASSWORD)


def come_in(page: Page, email: str, password: str) -> None:
    """Fill in the sign-in form that the page shows, up to the page that it leads to."""
    page.wait_for_load_state()
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    press(page, "Sign in")


def unlock(page: Page, password: str = PASSWORD) -> None:
    """Give the password on the lock, up to the page that it leads to."""
    page.wait_for_load_state()
    page.fill("[name=password]", password)
    press(page, "Unlock")


def turn_number_keys_on(page: Page, url: str, *, off: bool = False) -> None:
    page.goto(f"{url}/account")
    page.set_checked("#fast_entry", not off, force=True)
    press(page, "Save")
    expect(page.locator("#app-outcome")).to_contain_text("number keys is")
