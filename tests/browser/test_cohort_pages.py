"""Recording and correcting a cohort in a real browser: with and without scripts, with axe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import faults
from tests.browser.conftest import SignIn
from tests.browser.journey import fill_date, next_page, press
from tests.support.builders import make_user
from tests.support.demonstration import Server
from tests.support.muscle import MUSCLE, SITE, Muscle, make_muscle

pytestmark = pytest.mark.browser
NURSE = "cohorts@site.example"


@pytest.fixture(scope="session")
def muscle(annex: Server) -> Muscle:
    """The study without chance beside the others."""
    services, today = annex.services, datetime.now(UTC).date().isoformat()
    made = make_muscle(services.database, services.concealment, today)
    make_user(services, email=NURSE, study=MUSCLE, sites=(SITE,))
    return made


def test_a_cohort_is_recorded_and_corrected(staff: SignIn, annex: Server, muscle: Muscle) -> None:
    page = staff(NURSE)
    person = muscle.enrolled("transfer")
    address = f"{annex.url}/studies/{MUSCLE}/participants/{person.id}"
    page.goto(address)
    press(page, "Record the cohort")
    fill_date(page, "date", ("1", "3", "2023"))
    press(page, "Record the cohort")
    expect(page.get_by_text("Enter the source document.").first).to_be_visible()
    page.get_by_label("Source document").fill("Operation note")
    press(page, "Record the cohort")
    expect(page.get_by_role("region", name="Participant")).to_contain_text("Muscle transfer")

    muscle.save(person, {"transfer": "no"}, reason="Misread")
    page.goto(address)
    with next_page(page):
        page.get_by_role("link", name="Correct the cohort").click()
    page.get_by_label("Cohort", exact=True).select_option("no_transfer")
    page.get_by_label("Reason for the correction").fill("Misread")
    press(page, "Correct the cohort")
    expect(page.get_by_role("region", name="Participant")).to_contain_text("No muscle transfer")


@pytest.mark.parametrize("staff", [True], indirect=True)
def test_its_pages_are_accessible_at_every_width(
    staff: SignIn, annex: Server, muscle: Muscle
) -> None:
    page = staff(NURSE)
    ready, blank, member = muscle.enrolled("control"), muscle.enrolled(), muscle.member("transfer")
    muscle.save(member, {"transfer": "no"}, reason="Misread")
    home = f"{annex.url}/studies/{MUSCLE}"
    found = []

    for path in (
        f"/participants/{ready.id}/cohort",
        f"/participants/{blank.id}/cohort",
        f"/participants/{member.id}/cohort/correct",
        f"/participants/{member.id}",
        "/participants",
        "/dashboard",
    ):
        page.goto(f"{home}{path}")
        found += faults(page)
    page.goto(annex.url)
    found += faults(page)

    assert found == []
