"""A cohort at a dose level in a real browser: with and without scripts, with axe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from capture.access import Role
from tests.browser.accessibility import faults
from tests.browser.conftest import SignIn
from tests.browser.journey import fill_date, next_page, press
from tests.support.builders import PASSWORD, make_user
from tests.support.demonstration import Server
from tests.support.dosing import DOSE, PART, SITE, Dosing, make_dosing

pytestmark = pytest.mark.browser
TODAY = datetime.now(UTC).date()
FIRST = TODAY - timedelta(days=60)
ROLES = {Role.NURSE: (SITE,), Role.INVESTIGATOR: (SITE,), Role.COMMITTEE: None}


@pytest.fixture(scope="session")
def dosing(annex: Server) -> Dosing:
    """The dose-finding study beside the others."""
    services = annex.services
    made = make_dosing(services.database, services.concealment, TODAY.isoformat())
    for role, sites in ROLES.items():
        make_user(services, email=email_of(role), role=role, study=DOSE, sites=sites)
    return made


def email_of(role: Role) -> str:
    return f"{role.value.replace('_', '-')}@dose.example"


def test_a_part_is_gone_through_from_the_place_to_the_alert(
    staff: SignIn, annex: Server, dosing: Dosing
) -> None:
    """Register, record a DLT, sign a careful decision, correct an outcome of it: the alert."""
    home = f"{annex.url}/studies/{DOSE}"
    standing = dosing.standing
    if standing.is_reopened or standing.is_due:
        dosing.decide("open", standing.level, "As it stands")
    long_ago = dosing.on(FIRST.isoformat())
    person = dosing.enrolled() if dosing.standing.slots else long_ago.enrolled()

    nurse = staff(email_of(Role.NURSE))
    nurse.goto(f"{home}/participants/{person.id}")
    press(nurse, "Register at a dose level")
    expect(nurse.get_by_text("Places free")).to_be_visible()
    nurse.fill("[name=password]", PASSWORD)
    with next_page(nurse):
        nurse.get_by_role("button", name="Register at level").click()
    expect(nurse.get_by_text("is registered at level").first).to_be_visible()

    doctor = staff(email_of(Role.INVESTIGATOR))
    doctor.goto(f"{home}/participants/{person.id}/dose/{PART}")
    press(doctor, "Record the outcome")
    doctor.get_by_label("Not evaluable").check()
    fill_date(doctor, "day", (str(TODAY.day), str(TODAY.month), str(TODAY.year)))
    doctor.get_by_label("What happened").fill("Left before the first dose")
    press(doctor, "Record the outcome")
    expect(doctor.get_by_text("The outcome is recorded.")).to_be_visible()

    member = staff(email_of(Role.COMMITTEE))
    member.goto(f"{home}/dose-finding/{PART}")
    press(member, "Sign a decision")
    member.get_by_label("Register no participants for now").check()
    member.get_by_label("Reason", exact=True).fill("To be talked about")
    member.fill("[name=password]", PASSWORD)
    press(member, "Sign the decision")
    expect(member.get_by_text("The decision is signed.")).to_be_visible()

    dosing.judge(person, "dlt", note="Sepsis", reason="It was one")
    member.reload()
    expect(member.get_by_text("The last decision is to be looked at again")).to_be_visible()


@pytest.mark.parametrize("staff", [True], indirect=True)
def test_its_pages_are_accessible_at_every_width(
    staff: SignIn, annex: Server, dosing: Dosing
) -> None:
    home, found = f"{annex.url}/studies/{DOSE}", []
    blank = dosing.enrolled(risk="hr")
    if not dosing.standing.slots:
        dosing.on(FIRST.isoformat()).registered()
    held = dosing.standing.slots[0].participant
    for role, paths in {
        Role.COMMITTEE: (f"/dose-finding/{PART}", f"/dose-finding/{PART}/decide"),
        Role.INVESTIGATOR: (
            f"/dose-finding/{PART}",
            f"/participants/{blank.id}/dose/{PART}",
            f"/participants/{held}/dose/{PART}",
            f"/participants/{held}/dose/{PART}/outcome",
        ),
    }.items():
        page = staff(email_of(role))
        for path in paths:
            page.goto(f"{home}{path}")
            found += faults(page)

    assert found == []
