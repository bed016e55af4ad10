"""What journeys through the demonstration share: newcomers, filling in, counting page loads."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count

from playwright.sync_api import Page, Request, Response, expect

from capture import clock
from capture.accounts.demonstration import PASSWORD
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.support.esign import trial_of
from tests.support.randomising_pages import screened
from tests.support.trial import GIST

OPEN_FORMS = ("demography", "performance_status", "pregnancy")
YEARS = count(1940)
RESULT = re.compile("/result$")


@contextmanager
def next_page(page: Page) -> Iterator[None]:
    """What is done inside leads to another page, which is there with its scripts at the end.

    A press of a button does not wait for it: a form first keeps what is typed. What the next page
    says may stand on this one already, and until it is loaded no script of it hears a key.
    """
    with page.expect_navigation(wait_until="load"):
        yield


def press(page: Page, words: str) -> None:
    """Press the button of these words, up to the page that it leads to."""
    with next_page(page):
        page.get_by_role("button", name=words, exact=True).click()


def newcomer(services: Services, **changes: object) -> Participant:
    """Somebody screened at Northfield today: history and laboratory saved, consent to come."""
    return screened(trial_of(services), but=OPEN_FORMS, **changes)


def participants_url(url: str, study: str = GIST) -> str:
    return f"{url}/studies/{study}/participants"


class Loads:
    """Counts the pages that a browser loads from now on; a redirect belongs to what led to it."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if request.is_navigation_request() and request.redirected_from is None:
            self.count += 1


def zipped_weight(page: Page, address: str) -> int:
    """Bytes of all that a browser fetches for a page, as a server would zip them."""
    answered: list[Response] = []

    def hear(answer: Response) -> None:
        answered.append(answer)

    page.on("response", hear)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(answer.body(), 6)) for answer in answered}
    assert len(sizes) > 5, sizes
    return sum(sizes.values())


def today() -> tuple[str, str, str]:
    day = clock.today("Europe/London")
    return str(day.day), str(day.month), str(day.year)


def fill_date(page: Page, name: str, day: tuple[str, str, str]) -> None:
    for part, text in zip(("day", "month", "year"), day, strict=True):
        page.fill(f"[name='{name}-{part}']", text)


def choose(page: Page, answers: Mapping[str, str]) -> None:
    for name, value in answers.items():
        page.check(f"input[type=radio][name='{name}'][value='{value}']")


def fill_consent(page: Page, version: str) -> None:
    page.select_option("[name=consent-main-version]", version)
    fill_date(page, "consent-main-consent_date", today())
    page.fill("[name=consent-main-taken_by]", "A. Cole")


def fill_the_one_page(page: Page, *, sex: str = "male") -> None:
    """Consent, identity, what the gate still waits for, and the doctor's confirmation."""
    fill_consent(page, "2.0")
    # Each person another day, or the same birthday would ask whether it is the same person.
    fill_date(page, "birth_date", ("28", "2", str(next(YEARS))))
    choose(page, {"sex": sex, "ecog": "0", "preg_status": "not_possible"})
    page.select_option("[name=confirm-doctor]", "Dr A. Lindqvist")
    fill_date(page, "confirm-date", today())
    page.fill("[name=confirm-where_documented]", "clinic letter")


def randomise(page: Page) -> None:
    """Give the password on the page of checked answers, and draw."""
    page.fill("[name=password]", PASSWORD)
    press(page, "Randomise now")
    expect(page).to_have_url(RESULT)
