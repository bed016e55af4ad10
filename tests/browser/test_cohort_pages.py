"""Recording and correcting a cohort in a real browser: with and without scripts, with axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import faults
from tests.browser.journey import fill_date, next_page, press
from tests.builders import PASSWORD, make_user
from tests.demonstration import Server, copied, serving
from tests.muscle import MUSCLE, SITE, Muscle, make_muscle

pytestmark = pytest.mark.browser
NURSE = "cohorts@site.example"


@pytest.fixture(scope="module")
def server(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demonstration of its own with the study without chance beside the others."""
    with serving(copied(shared, tmp_path_factory.mktemp("cohorts") / "data")) as server:
        yield server


@pytest.fixture(scope="module")
def muscle(server: Server) -> Muscle:
    services, today = server.services, datetime.now(UTC).date().isoformat()
    made = make_muscle(services.database, services.concealment, today)
    make_user(services, email=NURSE, study=MUSCLE, sites=(SITE,))
    return made


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def page(
    browser: Browser, server: Server, muscle: Muscle, request: pytest.FixtureRequest
) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{server.url}/sign-in")
    page.fill("[name=email]", NURSE)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{server.url}/")
    if not request.param:
        state = context.storage_state()
        context.close()
        context = browser.new_context(storage_state=state, java_script_enabled=False)
        page = context.new_page()
    yield page
    context.close()


def test_a_cohort_is_recorded_and_corrected(page: Page, server: Server, muscle: Muscle) -> None:
    person = muscle.enrolled("transfer")
    address = f"{server.url}/studies/{MUSCLE}/participants/{person.id}"
    page.goto(address)
    press(page, "Record the cohort")
    fill_date(page, "date", ("1", "3", "2023"))
    press(page, "Record the cohort")
    expect(page.get_by_text("Say where it is documented.").first).to_be_visible()
    page.get_by_label("Where it is documented").fill("Operation note")
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


@pytest.mark.parametrize("page", [True], indirect=True)
def test_its_pages_are_accessible_at_every_width(
    page: Page, server: Server, muscle: Muscle
) -> None:
    ready, blank, member = muscle.enrolled("control"), muscle.enrolled(), muscle.member("transfer")
    muscle.save(member, {"transfer": "no"}, reason="Misread")
    home = f"{server.url}/studies/{MUSCLE}"
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
    page.goto(server.url)
    found += faults(page)

    assert found == []
