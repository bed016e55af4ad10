"""The nurse's way through the browser: one page, check, password, result; every refusal named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from capture import clock
from capture.access import Role
from capture.participants import reads as participants
from capture.participants.rows import Participant
from capture.wiring import Services
from tests.builders import PASSWORD, Visitor, make_user
from tests.randomising import DOCTOR, activate, delegate, fill_in
from tests.trial import GIST, Trial, make_trial

START = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def trial(services: Services) -> Trial:
    made = make_trial(services.database, services.concealment)
    made.moment = START
    delegate(made)
    activate(made)
    return made


@pytest.fixture
def nurse(services: Services, trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    make_user(services, sites=("northfield",))
    return sign_in("nurse@site.example")


def recent() -> dict[str, str]:
    """The dates of screening forms that let somebody be eligible today."""
    today = clock.today("Europe/London")
    return {
        "imh_date": today.isoformat(),
        "imatinib_start": (today - timedelta(days=36 * 30 + 21)).isoformat(),
        "ps_date": today.isoformat(),
        "haem_date": today.isoformat(),
        "bioc_date": today.isoformat(),
        "preg_date": today.isoformat(),
        "img_date": (today - timedelta(days=5)).isoformat(),
    }


def screened(trial: Trial, **changes: object) -> Participant:
    """Somebody screened whose history and laboratory forms are saved; nobody has consented yet."""
    person = trial.screen()
    fill_in(trial, person, {**recent(), **changes}, but=("demography",))
    return person


def url(person: Participant, page: str = "") -> str:
    return f"/studies/{GIST}/participants/{person.id}/randomise/duration{page}"


def hidden(text: str) -> dict[str, str]:
    """What the page's own form carries along."""
    form = text[text.index('id="way"') :] if 'id="way"' in text else text
    found = dict(HIDDEN.findall(form))
    return {name: value for name, value in found.items() if name != "csrf_token"}


def boxes(name: str, iso: str) -> dict[str, str]:
    year, month, day = iso.split("-")
    return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}


def answers(**changes: str) -> dict[str, str]:
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


def sent(nurse: Visitor, person: Participant, **changes: str) -> object:
    page = nurse.get(url(person))
    assert page.status_code == 200, page.text
    return nurse.post(url(person), {**hidden(page.text), **answers(**changes)})


def randomised(nurse: Visitor, person: Participant) -> str:
    page = nurse.get(url(person, "/check"))
    return nurse.post(url(person, "/check"), {**hidden(page.text), "password": PASSWORD}).location


def test_a_screened_person_is_randomised_in_three_page_loads(nurse: Visitor, trial: Trial) -> None:
    person = screened(trial)

    first = nurse.get(url(person))
    assert first.status_code == 200, first.text
    second = nurse.post(url(person), {**hidden(first.text), **answers()}, follow_redirects=True)
    assert second.request.path == url(person, "/check"), second.text
    assert "IM36" not in second.text
    assert "Stop at 3 years" not in second.text
    third = nurse.post(
        url(person, "/check"),
        {**hidden(second.text), "password": PASSWORD},
        follow_redirects=True,
    )

    assert third.request.path == url(person, "/result"), third.text
    assert "Stop at 3 years" in third.text or "Continue to 5 years" in third.text
    with trial.database.reading() as connection:
        found = participants.participant(
            connection, trial_nurse(), GIST, person.id
        )
    assert (found.status, found.number) == ("enrolled", "NOR-0001")


def trial_nurse() -> object:
    from tests.trial import NURSE

    return NURSE
