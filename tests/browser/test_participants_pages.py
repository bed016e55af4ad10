"""The pages of participants in a real browser: accessible at three widths, in every state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from capture.participants import reads
from capture.web.request_context import Services
from tests.browser.accessibility import WIDTHS, faults, listen, sideways_scroll, violations
from tests.browser.hand import come_in
from tests.browser.journey import next_page
from tests.browser.served import served
from tests.support.builders import PASSWORD, make_user
from tests.support.trial import GIST, Trial, make_trial

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
]
HOME = f"/studies/{GIST}/participants"
ACTS = (
    "enrol", "not-enrolled", "consent", "consent/withdraw", "withdraw", "death", "loss", "return",
    "correct-ending", "visits/add",
)  # fmt: skip
SCREENED = ("enrol", "not-enrolled")


@pytest.fixture
def trial(services: Services) -> Trial:
    made = make_trial(services.database, services.concealment)
    make_user(services, sites=("northfield",))
    return made


@pytest.fixture
def nurse(page: Page, app: Flask, trial: Trial) -> Iterator[Page]:
    """A browser in which the nurse of Northfield has signed in."""
    with served(app) as url:
        page.goto(f"{url}/sign-in")
        come_in(page, "nurse@site.example", PASSWORD)
        yield page


def check(page: Page, address: str) -> list[str]:
    """Go there and give everything that is wrong with the page at the three widths."""
    go(page, address)
    return faults(page)


def go(page: Page, address: str) -> None:
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + address)


def test_every_page_is_accessible_and_fits(nurse: Page, trial: Trial) -> None:
    heard = listen(nurse)
    person = trial.enrolled()
    trial.allocate(person, "IM60")
    trial.screen()
    with trial.database.reading() as connection:
        visit = reads.list_visits(connection, person.id)[0]
    pages = [
        HOME,
        f"{HOME}/screen",
        f"{HOME}/{person.id}",
        f"{HOME}/{person.id}/history",
        f"{HOME}/{person.id}/visits/{visit.id}",
        f"{HOME}/{person.id}/visits/{visit.id}/appointment",
        f"{HOME}/{person.id}/visits/{visit.id}/not-done",
        *(f"{HOME}/{person.id}/{act}" for act in ACTS),
    ]

    assert [wrong for address in pages for wrong in check(nurse, address)] == []
    assert heard == []


@pytest.mark.parametrize("act", SCREENED)
def test_act_about_somebody_screened_is_accessible(nurse: Page, trial: Trial, act: str) -> None:
    assert check(nurse, f"{HOME}/{trial.screen().id}/{act}") == []


@pytest.mark.parametrize("act", ACTS)
def test_refused_act_is_accessible_and_its_summary_focused(
    nurse: Page, trial: Trial, act: str
) -> None:
    person = trial.screen() if act in SCREENED else trial.enrolled()
    nurse.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    go(nurse, f"{HOME}/{person.id}/{act}")
    with next_page(nurse):
        nurse.click("main form button[type=submit]")

    expect(nurse.locator("#error-summary")).to_be_focused()
    assert violations(nurse) == []
    assert sideways_scroll(nurse) == 0
