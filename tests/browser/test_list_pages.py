"""Envelopes and uploaded lists in a real browser: with and without scripts, with axe."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from capture.access import Role
from tests.browser.accessibility import faults
from tests.browser.conftest import SignIn
from tests.browser.journey import fill_date, next_page, press
from tests.support import two_randomisations
from tests.support.builders import PASSWORD, make_user
from tests.support.demonstration import Server
from tests.support.trial import Trial
from tests.support.two_randomisations import FIRST, SECOND, SITE, TWOFOLD

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("trial")]
EMAILS = {Role.UNBLINDED: "lists@unit.example", Role.NURSE: "lists@site.example"}
UPLOADED = (
    b"    method: permuted_blocks\n    strata:\n      - factor: radiotherapy",
    b"    method: uploaded_list\n    strata:\n      - factor: radiotherapy",
)
STRATA = ("before", "after")
ROWS = [f"{level},{n},{arm}" for level in STRATA for n, arm in enumerate(("STOP", "GO_ON"), 1)]
LIST = "radiotherapy,list_position,arm\n" + "".join(f"{row}\n" for row in ROWS)


@pytest.fixture(scope="session")
def trial(annex: Server) -> Trial:
    """The study of two randomisations beside the others."""
    services = annex.services
    made = Trial(services.database, services.concealment, datetime.now(UTC))
    key_copy = services.config.concealment_key.hex()
    two_randomisations.publish(made, names=(FIRST,), change=UPLOADED, key_copy=key_copy)
    for role, email in EMAILS.items():
        sites = (SITE,) if role is Role.NURSE else None
        make_user(services, email=email, role=role, study=TWOFOLD, sites=sites)
    return made


def make_envelopes(page: Page, annex: Server, count: int) -> None:
    page.goto(f"{annex.url}/studies/{TWOFOLD}/randomisations/{FIRST}/envelopes")
    page.locator("[name=print-site]").select_option(SITE)
    page.locator("[name=print-count]").fill(str(count))
    page.locator("[name=print-password]").fill(PASSWORD)
    press(page, "Make the envelopes")
    expect(page.get_by_role("heading", name="Envelopes to print")).to_be_visible()


def test_an_envelope_is_printed_opened_and_recorded(
    staff: SignIn, annex: Server, trial: Trial
) -> None:
    desk, nurse = staff(EMAILS[Role.UNBLINDED]), staff(EMAILS[Role.NURSE])
    person = two_randomisations.enrolled(trial)
    make_envelopes(desk, annex, 2)
    label = desk.locator(".app-envelope h2").first.inner_text().removeprefix("Envelope ")
    held = desk.locator(".app-held").first.inner_text()

    nurse.goto(f"{annex.url}/studies/{TWOFOLD}/participants/{person.id}/randomise/{FIRST}")
    with next_page(nurse):
        nurse.get_by_role("link", name="An envelope was opened for this participant").click()
    nurse.get_by_label("Number on the envelope").fill("9-9")
    today = trial.moment.date()
    fill_date(nurse, "opened-opened_on", (str(today.day), str(today.month), str(today.year)))
    nurse.locator("[name=opened-password]").fill(PASSWORD)
    press(nurse, "Record the envelope")
    expect(nurse.get_by_text("No envelope '9-9' was printed for this site.").first).to_be_visible()
    nurse.get_by_label("Number on the envelope").fill(label)
    nurse.locator("[name=opened-password]").fill(PASSWORD)
    press(nurse, "Record the envelope")

    expect(nurse.get_by_role("heading", name=held)).to_be_visible()


@pytest.mark.parametrize("staff", [True], indirect=True)
def test_each_envelope_is_one_sheet(staff: SignIn, annex: Server) -> None:
    desk = staff(EMAILS[Role.UNBLINDED])
    make_envelopes(desk, annex, 3)

    sheets = re.findall(rb"/Type\s*/Page[^s]", desk.pdf())
    desk.emulate_media(media="print")

    assert len(sheets) == 3
    expect(desk.locator("h1")).to_be_hidden()
    expect(desk.get_by_text("Test study: not for real participants.").first).to_be_visible()


def test_a_list_is_refused_by_its_lines_and_taken_when_mended(staff: SignIn, annex: Server) -> None:
    page = staff(EMAILS[Role.UNBLINDED])
    page.goto(f"{annex.url}/studies/{TWOFOLD}/randomisations/{SECOND}")
    for text, said in (
        (LIST.replace("before,2", "before,1"), "Line 3: list_position 1 of before is already on"),
        (LIST, "SHA-256 of the order"),
    ):
        sent = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
        page.locator("[name=upload-list]").set_input_files(sent)
        press(page, "Keep the list")
        expect(page.get_by_text(said).first).to_be_visible()


@pytest.mark.parametrize("staff", [True], indirect=True)
def test_their_pages_are_accessible_at_every_width(
    staff: SignIn, annex: Server, trial: Trial
) -> None:
    desk, nurse, found = staff(EMAILS[Role.UNBLINDED]), staff(EMAILS[Role.NURSE]), []
    drawn, waiting = two_randomisations.enrolled(trial), two_randomisations.enrolled(trial)
    two_randomisations.draw(trial, drawn, FIRST)
    make_envelopes(desk, annex, 2)
    found += faults(desk)
    for page in (f"{FIRST}", f"{FIRST}/envelopes", f"{SECOND}"):
        desk.goto(f"{annex.url}/studies/{TWOFOLD}/randomisations/{page}")
        found += faults(desk)
    wrong = {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST[:-9].encode()}
    desk.locator("[name=upload-list]").set_input_files(wrong)
    press(desk, "Keep the list")
    expect(desk.get_by_text("The list was not taken").first).to_be_visible()
    found += faults(desk)
    home = f"{annex.url}/studies/{TWOFOLD}/participants"
    for path in (f"{drawn.id}/randomise/{FIRST}/result", f"{waiting.id}/randomise/{FIRST}"):
        nurse.goto(f"{home}/{path}")
        found += faults(nurse)
    nurse.goto(f"{home}/{waiting.id}/randomise/{FIRST}/envelope")
    press(nurse, "Record the envelope")
    found += faults(nurse)

    assert found == []
