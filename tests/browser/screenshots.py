"""Takes the pictures of docs/images from the demonstration: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from capture import demonstration
from capture.accounts.demonstration import PASSWORD
from capture.participants import reads
from tests.browser.conftest import OPTIONS
from tests.browser.journey import fill_the_one_page, newcomer, participants_url, randomise
from tests.demonstration import Server, serving, settings
from tests.trial import GIST

SIZE = {"width": 1280, "height": 900}


@contextmanager
def signed_in(server: Server, who: str) -> Iterator[Page]:
    """A browser of the size of the pictures in which an account of the demonstration works."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # a dict of its two keys
        page.goto(f"{server.url}/sign-in")
        page.fill("[name=email]", f"{who}@demo.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{server.url}/")
        yield page
        browser.close()


def take(server: Server, folder: Path) -> None:
    """Home, a form, the answer of a draw and the dashboard, each as the screen shows it."""
    with signed_in(server, "nurse") as page:
        page.screenshot(path=folder / "home.png")
        person = newcomer(server.services)
        home = f"{participants_url(server.url)}/{person.id}"
        with server.services.database.reading() as connection:
            visit = reads.visits(connection, person.id)[0].id
        page.goto(f"{home}/visits/{visit}/gist_history")
        page.screenshot(path=folder / "entry.png")
        page.goto(f"{home}/randomise/duration")
        fill_the_one_page(page)
        page.get_by_role("button", name="Save and check answers").click()
        randomise(page)
        page.screenshot(path=folder / "randomised.png")
    with signed_in(server, "trial-manager") as page:
        page.goto(f"{server.url}/studies/{GIST}/dashboard")
        page.screenshot(path=folder / "dashboard.png")


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data:
        config = settings(Path(data))
        demonstration.build(config)
        with serving(config) as server:
            take(server, folder)


if __name__ == "__main__":
    main()
