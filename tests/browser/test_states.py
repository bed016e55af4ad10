"""States of pages that no link leads to: errors, reveals, dialogs, results; each held to axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from capture.participants import reads
from capture.participants.records import Participant
from tests.browser.accessibility import faults, listen
from tests.browser.conftest import SignIn
from tests.browser.journey import (
    fill_the_one_page,
    newcomer,
    next_page,
    participants_url,
    press,
    randomise,
)
from tests.support.demonstration import Server
from tests.support.trial import GIST

pytestmark = pytest.mark.browser


def form_url(server: Server, person: Participant, instrument: str) -> str:
    with server.services.database.reading() as connection:
        visit = reads.list_visits(connection, person.id)[0]
    return f"{participants_url(server.url)}/{person.id}/visits/{visit.id}/{instrument}"


@pytest.fixture
def vitals(signed_in: SignIn, demonstration: Server) -> Page:
    """The vital signs of a newcomer, open in the nurse's browser."""
    return open_vitals(signed_in("nurse"), demonstration)


def open_vitals(page: Page, server: Server) -> Page:
    page.goto(form_url(server, newcomer(server.services), "vitals"))
    return page


def test_saved_outcome_is_in_view_focused_and_announced(vitals: Page) -> None:
    vitals.set_viewport_size({"width": 320, "height": 500})
    vitals.fill("[name=height_cm]", "171")
    vitals.fill("[name=weight_kg]", "74.5")
    press(vitals, "Save")

    outcome = vitals.locator("#app-outcome")
    expect(outcome).to_be_focused()
    expect(outcome).to_be_in_viewport()
    expect(outcome.get_by_role("status")).to_contain_text("saved", ignore_case=True)
    assert faults(vitals) == []


def test_refused_value_is_named_kept_and_two_keys_away(vitals: Page) -> None:
    heard = listen(vitals)
    vitals.fill("[name=height_cm]", "1e999")
    vitals.fill("[name=weight_kg]", "72,5 kg")
    press(vitals, "Save")

    expect(vitals.locator("#error-summary")).to_be_focused()
    expect(vitals.locator("[name=height_cm]")).to_have_value("1e999")
    assert faults(vitals) == []
    vitals.keyboard.press("Tab")
    vitals.keyboard.press("Enter")
    expect(vitals.locator("[name=height_cm]")).to_be_focused()
    assert heard == []


def test_unlikely_value_asks_once_and_missing_reasons_open(vitals: Page) -> None:
    vitals.fill("[name=weight_kg]", "199")
    vitals.locator(".app-missing__chip").first.click()
    vitals.press("[name=weight_kg]", "Tab")
    assert faults(vitals) == []
    press(vitals, "Save")
    expect(vitals.locator("#app-outcome, #error-summary").first).to_be_focused()
    assert faults(vitals) == []


def test_wheel_over_a_number_changes_nothing(vitals: Page) -> None:
    vitals.fill("[name=height_cm]", "171")
    vitals.hover("[name=height_cm]")
    vitals.mouse.wheel(0, 500)

    expect(vitals.locator("[name=height_cm]")).to_have_value("171")


def test_typing_survives_a_crash_as_a_draft(vitals: Page) -> None:
    vitals.fill("[name=height_cm]", "168")
    vitals.press("[name=height_cm]", "Tab")
    expect(vitals.locator(".app-draft")).to_contain_text("Draft saved", ignore_case=True)
    address, context = vitals.url, vitals.context
    vitals.close()

    again = context.new_page()
    again.goto(address)
    expect(again.locator("[name=height_cm]")).to_have_value("168")
    assert faults(again) == []


def test_idle_warning_is_a_dialog_that_keeps_the_session(
    signed_in: SignIn, demonstration: Server
) -> None:
    vitals = open_vitals(signed_in("nurse", alone=True), demonstration)
    vitals.clock.install()
    vitals.reload()
    vitals.clock.fast_forward("28:30")

    dialog = vitals.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
    assert faults(vitals) == []
    vitals.keyboard.press("Tab")
    expect(vitals.get_by_role("button", name="Stay signed in")).to_be_focused()
    vitals.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def test_way_to_a_draw_is_accessible_at_every_step(
    signed_in: SignIn, demonstration: Server
) -> None:
    person = newcomer(demonstration.services)
    page = signed_in("nurse")
    heard = listen(page)
    page.goto(f"{participants_url(demonstration.url)}/{person.id}/randomise/duration")
    assert faults(page) == []
    press(page, "Save and check answers")
    expect(page.locator("#error-summary")).to_be_focused()
    assert faults(page) == []
    fill_the_one_page(page)
    press(page, "Save and check answers")
    expect(page.locator("[name=password]")).to_be_visible()
    assert faults(page) == []
    page.fill("[name=password]", "not this one")
    press(page, "Randomise now")
    expect(page.locator("#error-summary")).to_be_focused()
    assert faults(page) == []
    randomise(page)
    assert faults(page) == []
    with next_page(page):
        page.get_by_role("link", name="Record as randomised in error").click()
    assert faults(page) == []
    assert heard == []


@pytest.mark.parametrize(
    "who, path, button",
    [
        ("data-manager", "datasets", "Create export"),
        ("trial-manager", "sites", "Add"),
        ("trial-manager", "people", "Assign role"),
        ("trial-manager", "definition", "Check only"),
        ("nurse", "participants/screen", "Add to the screening log"),
    ],
)
def test_blank_form_comes_back_with_accessible_errors(
    signed_in: SignIn, demonstration: Server, who: str, path: str, button: str
) -> None:
    page = signed_in(who)
    page.goto(f"{demonstration.url}/studies/{GIST}/{path}")
    for box in page.locator("main input[type=checkbox]:checked").all():
        box.uncheck()
    with next_page(page):
        page.get_by_role("button", name=button).first.click()

    expect(page.get_by_role("alert").first).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize(
    "who, path",
    [
        ("nurse", "participants/no-such-person"),
        ("nurse", "audit"),
        ("nurse", "participants?q=ZZZ-9999"),
        ("data-manager", "audit?number=ZZZ-9999"),
    ],
)
def test_refusals_and_empty_lists_are_accessible(
    signed_in: SignIn, demonstration: Server, who: str, path: str
) -> None:
    page = signed_in(who)
    page.goto(f"{demonstration.url}/studies/{GIST}/{path}")

    assert faults(page) == []


def test_nurse_saves_a_form_by_keyboard_alone(vitals: Page) -> None:
    vitals.keyboard.press("Tab")
    expect(vitals.locator(".nhsuk-skip-link")).to_be_focused()
    vitals.keyboard.press("Enter")
    for _ in range(12):
        vitals.keyboard.press("Tab")
        if vitals.evaluate("document.activeElement.name") == "height_cm":
            break
    vitals.keyboard.type("172")
    with next_page(vitals):
        vitals.keyboard.press("Enter")

    expect(vitals.locator("#app-outcome")).to_be_focused()
