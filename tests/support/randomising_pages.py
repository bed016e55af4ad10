"""The nurse's way to a draw through the test client: what a browser sends, form by form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from werkzeug.test import TestResponse

from capture import clock
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor
from tests.support.kept_worlds import done_once
from tests.support.randomising import DOCTOR, activate, delegate, fill_in
from tests.support.trial import GIST, Trial, make_trial

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def running_trial(services: Services, *, is_active: bool = True) -> Trial:
    """A trial of today, as the pages use the real clock: doctor delegated, design active."""
    trial = Trial(services.database, services.concealment, datetime.now(UTC))

    def begin() -> None:
        make_trial(services.database, services.concealment)
        delegate(trial)
        if is_active:
            activate(trial)

    done_once(services.database, ("a trial of today", is_active), begin)
    return trial


def recent() -> dict[str, str]:
    """The dates of screening forms that let somebody be eligible today."""
    today = clock.today("Europe/London")
    fresh = ("imh_date", "ps_date", "haem_date", "bioc_date", "preg_date", "img_date")
    return {
        **dict.fromkeys(fresh, today.isoformat()),
        "imatinib_start": (today - timedelta(days=36 * 30 + 21)).isoformat(),
    }


def screened(
    trial: Trial, *, but: tuple[str, ...] = ("demography",), **changes: object
) -> Participant:
    """Somebody whose history and laboratory forms are saved; nobody has consented yet."""
    person = trial.screen()
    fill_in(trial, person, {**recent(), **changes}, but=but)
    return person


def url(person: Participant, page: str = "") -> str:
    return f"/studies/{GIST}/participants/{person.id}/randomise/duration{page}"


def hidden(page: TestResponse) -> dict[str, str]:
    """What the page's own form carries along."""
    found = dict(HIDDEN.findall(page.text.partition("<main")[2]))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def boxes(name: str, iso: str) -> dict[str, str]:
    year, month, day = iso.split("-")
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}


def answers(**changes: str) -> dict[str, str]:
    """Everything the one page asks of a person whose forms but demography are saved."""
    today = clock.today("Europe/London").isoformat()
    return {
        "consent-main-version": "2.0",
        **boxes("consent-main-consent_date", today),
        "consent-main-taken_by": "A. Cole",
        **boxes("birth_date", "1961-05-14"),
        "sex": "female",
        "confirm-doctor": DOCTOR,
        **boxes("confirm-date", today),
        "confirm-where_documented": "clinic letter",
        **changes,
    }


def settle(nurse: Visitor, person: Participant, typed: dict[str, str]) -> TestResponse:
    """Send the one page; the answer is the check, or the page again."""
    page = nurse.get(url(person))
    assert page.status_code == 200, page.text
    return nurse.post(url(person), {**hidden(page), **typed}, follow_redirects=True)


def randomise(nurse: Visitor, person: Participant, **typed: str) -> TestResponse:
    """Check the answers, give the password, draw."""
    page = nurse.get(url(person, "/check"))
    sent = {**hidden(page), "password": PASSWORD, **typed}
    return nurse.post(url(person, "/check"), sent, follow_redirects=True)
