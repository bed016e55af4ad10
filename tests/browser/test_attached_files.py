"""Attaching a file in a real browser: with scripts and without, and fetched as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Page, expect

from capture.web.request_context import Services
from tests.browser.accessibility import faults, listen
from tests.browser.journey import press
from tests.browser.served import served
from tests.support.builders import PASSWORD
from tests.support.clinic import SignIn
from tests.support.kitchen_sink import PDF, Sink, make_sink

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
]
LETTER: FilePayload = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": PDF}
OTHER: FilePayload = {**LETTER, "name": "other.pdf", "buffer": PDF + b"% another\n"}
WRONG: FilePayload = {"name": "letter.exe", "mimeType": "text/plain", "buffer": b"MZ"}
Nurse = Callable[[bool], Page]


@pytest.fixture
def sink(services: Services, sign_in: SignIn) -> Sink:
    return make_sink(services, sign_in)


@pytest.fixture
def nurse(browser: Browser, app: Flask, sink: Sink) -> Iterator[Nurse]:
    """The form in the nurse's browser, with scripts or without: nurse(True)."""
    opened = []

    def page_of(script: bool) -> Page:
        context = browser.new_context(java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("[name=email]", "nurse@site.example")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        page.goto(url + sink.url)
        return page

    with served(app) as url:
        yield page_of
        for context in opened:
            context.close()


def save(page: Page, letter: FilePayload, *, weight: str = "70") -> None:
    page.fill("[name=ed_weight]", weight)
    page.set_input_files("[name=ed_letter]", letter)
    press(page, "Save")


def fetched(page: Page) -> bytes:
    with page.expect_download() as waiting:
        page.click("#ed_letter-item a")
    assert waiting.value.suggested_filename.endswith(".pdf")
    return Path(waiting.value.path()).read_bytes()


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_a_file_is_attached_and_fetched_and_replaced(
    nurse: Nurse, sink: Sink, script: bool
) -> None:
    page = nurse(script)
    save(page, LETTER)
    expect(page.locator("#ed_letter-item")).to_contain_text("Attached: letter.pdf (69 bytes)")
    first = fetched(page)

    save(page, OTHER, weight="71")
    expect(page.locator("#ed_letter-item")).to_contain_text("Attached: other.pdf")

    assert (first, fetched(page)) == (PDF, PDF + b"% another\n")
    assert sink.values()["ed_weight"] == "71"


@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_a_refused_file_is_told_and_what_was_typed_is_stored(
    nurse: Nurse, sink: Sink, script: bool
) -> None:
    page = nurse(script)
    save(page, WRONG)

    expect(page.locator("#error-summary")).to_contain_text("“letter.exe” is not of the right kind")
    expect(page.locator("#ed_letter-error")).to_contain_text(
        "choose a file that is PDF, PNG or JPG"
    )
    assert sink.values()["ed_weight"] == "70"


def test_the_form_with_a_file_is_accessible_and_the_outcome_has_the_focus(nurse: Nurse) -> None:
    page = nurse(True)
    heard = listen(page)
    save(page, WRONG)
    expect(page.locator("#error-summary")).to_be_focused()
    refused = faults(page)
    save(page, LETTER)
    expect(page.locator("#app-outcome")).to_be_focused()
    page.goto(f"{page.url}?history=all")

    assert [*refused, *faults(page), *heard] == []


def test_a_file_that_was_chosen_and_not_saved_is_asked_for_again(nurse: Nurse) -> None:
    page = nurse(True)
    page.fill("[name=ed_weight]", "70")
    with page.expect_response(lambda answer: "letter.pdf" in (answer.request.post_data or "")):
        page.set_input_files("[name=ed_letter]", LETTER)
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft saved")

    page.reload()

    expect(page.locator("#ed_letter-error")).to_contain_text("“letter.pdf” was chosen but is not")
