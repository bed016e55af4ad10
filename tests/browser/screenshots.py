"""Takes the pictures of docs/images from the demonstration of both studies: `make screenshots`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from capture.participants import reads
from capture.synthetic import demonstration
from tests.browser.chromium import OPTIONS, find_chromium
from tests.browser.following import following
from tests.browser.hand import sign_in
from tests.browser.journey import (
    fill_the_one_page,
    newcomer,
    participants_url,
    press,
    randomise,
)
from tests.support.demonstration import Server, serving, settings
from tests.support.legs import open_form
from tests.support.trial import GIST
from tests.support.tutorial import PAGE, Picture, parts

SIZE = {"width": 1280, "height": 900}
TUTORIAL = tuple(parts(PAGE.read_text(encoding="utf-8")))
PICTURES = frozenset(
    {"home.png", "entry.png", "randomised.png", "dashboard.png", "lefs.png"}
    | {part.file for part in TUTORIAL if isinstance(part, Picture)}
)
"""Every picture that the documents show."""


@dataclass
class Camera:
    """Puts what a page shows on the screen into a folder, under one of the names known."""

    folder: Path
    missing: set[str] = field(default_factory=lambda: set(PICTURES))

    def take(self, page: Page, name: str) -> None:
        self.missing.remove(name)
        page.screenshot(path=self.folder / name)


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=OPTIONS)
        yield opened
        opened.close()


def signed_in(opened: Browser, server: Server, who: str) -> Page:
    """A page in which an account of the demonstration works."""
    page = _page(opened)
    page.goto(f"{server.url}/sign-in")
    sign_in(page, who)
    page.wait_for_url(f"{server.url}/")
    return page


def _page(opened: Browser) -> Page:
    return opened.new_context(viewport=SIZE).new_page()  # type: ignore[arg-type]  # a dict of its two keys


def imatinib(nurse: Page, manager: Page, server: Server, camera: Camera) -> None:
    """Home, a form, the answer of a draw and the dashboard of the randomised study."""
    camera.take(nurse, "home.png")
    person = newcomer(server.services)
    home = f"{participants_url(server.url)}/{person.id}"
    with server.services.database.reading() as connection:
        visit = reads.list_visits(connection, person.id)[0].id
    nurse.goto(f"{home}/visits/{visit}/gist_history")
    camera.take(nurse, "entry.png")
    nurse.goto(f"{home}/randomise/duration")
    fill_the_one_page(nurse)
    press(nurse, "Save and check answers")
    randomise(nurse)
    camera.take(nurse, "randomised.png")
    manager.goto(f"{server.url}/studies/{GIST}/dashboard")
    camera.take(manager, "dashboard.png")


def legs(nurse: Page, server: Server, camera: Camera) -> None:
    """A questionnaire of leg function, half answered, in the study of cohorts."""
    nurse.goto(server.url + open_form(server.services, "lefs"))
    for row in range(1, 9):
        nurse.check(f"[name=lefs_{row}][value='{row % 5}']", force=True)
    nurse.locator("#lefs_activities-item, [data-item=lefs_1]").first.scroll_into_view_if_needed()
    camera.take(nurse, "lefs.png")


def tutorial(page: Page, data: Path, clone: Path, camera: Camera) -> None:
    """What the tutorial shows while somebody follows it."""
    with following(data, clone, page, lambda name: camera.take(page, name)) as reader:
        for part in TUTORIAL:
            reader.follow(part)


def main() -> None:
    camera = Camera(Path(sys.argv[1]))
    camera.folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as name, browser() as opened:
        built = Path(name) / "demonstration"
        config = settings(built)
        demonstration.build(config)
        tutorial(_page(opened), built, Path(name) / "clone", camera)
        with serving(config) as server:
            nurse = signed_in(opened, server, "nurse")
            imatinib(nurse, signed_in(opened, server, "trial-manager"), server, camera)
            legs(nurse, server, camera)
    assert not camera.missing, f"nothing took {sorted(camera.missing)}"


if __name__ == "__main__":
    main()
