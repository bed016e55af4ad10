"""What journeys through the demonstration share: newcomers, filling in, counting page loads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count

from playwright.sync_api import Page, Request

from capture import clock
from capture.accounts.demonstration import PASSWORD
from capture.participants.rows import Participant
from capture.wiring import Services
from tests.esign import trial_of
from tests.randomising_pages import screened
from tests.trial import GIST

OPEN_FORMS = ("demography", "performance_status", "pregnancy")
YEARS = count(1940)
RESULT = re.compile("/result$")


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
    page.get_by_role("button", name="Randomise").click()
    page.wait_for_url(RESULT)
