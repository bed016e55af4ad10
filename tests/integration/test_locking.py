"""The lock of a shared computer: nothing is shown before the password, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from capture.accounts.throttle import ACCOUNT_LIMIT
from capture.ledger.tables import ledger
from capture.web.request_context import Services
from tests.support.builders import PASSWORD
from tests.support.clinic import VALUES, Clinic, SignIn, Tab, make_clinic

OPEN = {
    "accounts.unlock",
    "accounts.sign_out",
    "accounts.sign_in",
    "accounts.sign_in_form",
    "pages.healthz",
    "static",
}


@pytest.fixture
def clinic(services: Services, sign_in: SignIn) -> Clinic:
    return make_clinic(services, sign_in)


@pytest.fixture
def tab(clinic: Clinic) -> Tab:
    """Nora's vital signs, opened before she locks the screen."""
    return clinic.tab()


def lock(tab: Tab) -> None:
    answer = tab.visitor.post("/session/lock", {"next": tab.url})
    assert (answer.status_code, answer.location) == (303, tab.url)


def unlock(tab: Tab, password: str = PASSWORD, where: str = "/") -> int:
    answer = tab.visitor.post("/session/unlock", {"password": password, "next": where})
    return answer.status_code


def addresses(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            _domain, path = rule.build(dict.fromkeys(rule.arguments, "1")) or ("", "")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, path


def test_a_locked_session_answers_every_request_with_the_lock(
    app: Flask, clinic: Clinic, tab: Tab
) -> None:
    lock(tab)
    wrong = []
    for rule, method, path in addresses(app):
        answer = tab.visitor.client.open(path, method=method)
        if rule.endpoint not in OPEN and answer.status_code != 423:
            wrong.append((method, path, answer.status_code))

    assert wrong == []
    assert tab.visitor.get("/no-such-page").status_code == 423
    page = tab.visitor.get(tab.url).text
    assert "The screen is locked" in page
    assert clinic.desk.person.number not in page


def test_the_password_leads_back_to_the_page_and_its_field(tab: Tab) -> None:
    lock(tab)

    answer = tab.visitor.post(
        "/session/unlock", {"password": PASSWORD, "next": f"{tab.url}#weight_kg"}
    )

    assert (answer.status_code, answer.location) == (303, f"{tab.url}#weight_kg")
    assert tab.visitor.get(tab.url).status_code == 200


def test_a_wrong_password_unlocks_nothing_and_is_throttled_as_at_sign_in(tab: Tab) -> None:
    lock(tab)

    statuses = [unlock(tab, "not the password") for _ in range(ACCOUNT_LIMIT + 1)]

    assert statuses == [422] * ACCOUNT_LIMIT + [429]
    assert unlock(tab) == 429
    assert tab.visitor.get(tab.url).status_code == 423


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_lock_leads_nowhere_else(tab: Tab, where: str) -> None:
    assert tab.visitor.post("/session/lock", {"next": where}).location == "/"
    answer = tab.visitor.post("/session/unlock", {"password": PASSWORD, "next": where})
    assert answer.location == "/"


def test_a_form_sent_behind_the_lock_is_put_back(clinic: Clinic, tab: Tab) -> None:
    lock(tab)

    answer = tab.save(**{**VALUES, "weight_kg": "71.5"})

    assert answer.status_code == 423
    assert "put back into the form" in answer.text
    assert "71.5" not in answer.text
    assert clinic.desk.entry() is None
    unlock(tab)
    assert 'value="71.5"' in clinic.again(tab).page.text


def test_somebody_else_signs_in_on_the_locked_page(clinic: Clinic, tab: Tab) -> None:
    token = tab.hidden()["csrf_token"]
    tab.visitor.client.post(
        f"{tab.url}/draft",
        json={"version": "0", "typed": {"height_cm": ["171"]}},
        headers={"X-CSRFToken": token},
    )
    lock(tab)
    assert "Sign in" in tab.visitor.get("/sign-in").text

    assert tab.visitor.sign_in("cole@site.example").status_code == 303

    page = clinic.again(tab).page.text
    assert "A. Cole" in page
    assert "Draft by Nora Nurse" in page
    assert 'value="171"' not in page


def test_the_page_of_one_is_refused_in_the_session_of_another(clinic: Clinic, tab: Tab) -> None:
    tab.visitor.sign_in("cole@site.example")

    answer = tab.save(**{**VALUES, "weight_kg": "71.5"})

    assert answer.status_code == 400
    assert "This page was opened by Nora Nurse" in answer.text
    assert "71.5" not in answer.text
    assert clinic.desk.entry() is None
    assert "71.5" not in clinic.again(tab).page.text
    tab.visitor.sign_in("nurse@site.example")
    assert "Sent but not saved" in tab.visitor.get("/").text
    assert 'value="71.5"' in clinic.again(tab).page.text


def test_the_request_id_of_one_never_answers_another(clinic: Clinic, tab: Tab) -> None:
    tab.save(**VALUES)
    other = clinic.tab("cole@site.example")
    sent = {**other.fields(**VALUES), "request_id": tab.hidden()["request_id"], "version": "0"}

    answer = other.visitor.client.post(other.url, data=sent)

    assert answer.status_code == 409
    assert clinic.desk.version() == 1


def test_a_script_is_told_of_the_lock(tab: Tab) -> None:
    token = tab.hidden()["csrf_token"]
    lock(tab)

    answer = tab.visitor.client.post(
        f"{tab.url}/draft", json={"version": "0", "typed": {}}, headers={"X-CSRFToken": token}
    )

    assert answer.status_code == 423
    assert answer.get_json()["title"] == "The screen is locked"


def test_locking_and_unlocking_are_on_record(services: Services, tab: Tab) -> None:
    lock(tab)
    unlock(tab)

    wanted = sa.select(ledger.c.action).where(ledger.c.action.like("session.%"))
    with services.database.reading() as connection:
        done = connection.execute(wanted.order_by(ledger.c.id)).scalars().all()
    assert done == ["session.lock", "session.unlock"]


def test_a_message_waits_behind_the_lock(clinic: Clinic, tab: Tab) -> None:
    tab.save(**VALUES)
    lock(tab)

    assert "Vital signs saved" not in tab.visitor.get(tab.url).text
    unlock(tab)
    assert "saved" in tab.visitor.get(tab.url).text


def test_the_setting_for_number_keys_is_kept_with_the_account(
    clinic: Clinic, sign_in: SignIn
) -> None:
    nora = sign_in("nurse@site.example")
    assert "data-fast-entry" not in nora.get(clinic.url()).text

    nora.post("/account/settings", {"fast_entry": "y"})

    assert "data-fast-entry" in sign_in("nurse@site.example").get(clinic.url()).text
    assert "data-fast-entry" not in sign_in("cole@site.example").get(clinic.url()).text
    nora.post("/account/settings")
    assert "data-fast-entry" not in nora.get(clinic.url()).text
