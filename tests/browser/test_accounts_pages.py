"""The pages about people in a real browser: accessible at three widths, usable without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from capture.access import Role
from capture.web.request_context import Services
from tests.browser.accessibility import faults, listen
from tests.browser.journey import next_page, press
from tests.browser.served import served
from tests.support.builders import PASSWORD, STUDY, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
]


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


def sign_in(page: Page, server: str, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{server}/sign-in?next=/account")
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    with next_page(page):
        page.press("[name=password]", "Enter")


def test_pages_of_an_administrator_are_accessible(
    page: Page, server: str, services: Services
) -> None:
    make_user(services, email="admin@site.example", role=Role.ADMINISTRATOR)
    other = make_user(services)
    heard = listen(page)
    sign_in(page, server, "admin@site.example")
    places = ("/account", "/account/password", "/roles", "/help", "/people", "/nowhere")
    person = f"/people/{other.id}"
    for place in (*places, person, f"{person}/close"):
        page.goto(server + place)
        assert faults(page) == []
    assert heard == []


def test_study_people_page_and_its_errors_are_accessible(
    page: Page, server: str, services: Services
) -> None:
    make_user(services, email="manager@site.example", role=Role.TRIAL_MANAGER)
    make_user(services)
    sign_in(page, server, "manager@site.example")
    page.goto(f"{server}/studies/{STUDY}/people")
    assert faults(page) == []
    press(page, "Assign role")
    expect(page.get_by_role("alert")).to_contain_text("Enter the e-mail address")
    assert faults(page) == []
    page.goto(f"{server}/studies/{STUDY}/people")
    with next_page(page):
        page.get_by_role("link", name="Remove access of").first.click()
    assert faults(page) == []


def test_sign_in_and_its_refusal_are_accessible(page: Page, server: str) -> None:
    heard = listen(page)
    page.goto(f"{server}/account")
    assert faults(page) == []
    sign_in(page, server, "nobody@site.example")
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    expect(page.locator("[name=email]")).to_have_value("nobody@site.example")
    expect(page.locator("[name=password]")).to_have_value("")
    assert faults(page) == []
    assert heard == []


def test_signing_in_and_out_needs_no_script(
    browser: Browser, server: str, services: Services
) -> None:
    make_user(services)
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, server, "nurse@site.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.close()
