"""Finding people in a real browser: by keyboard, without scripts, at three widths, on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from capture.access import SYSTEM_ACTOR
from capture.accounts.service import NewMembership
from capture.participants import service
from capture.participants.records import Participant
from capture.study import service as studies
from capture.web.request_context import Services
from tests.browser.accessibility import faults, listen
from tests.browser.hand import Hand, come_in
from tests.browser.journey import next_page, press
from tests.browser.served import served
from tests.support.builders import PASSWORD, make_membership, make_user
from tests.support.study_files import HUNDRED, hundred_visits
from tests.support.trial import GIST, KEY, Trial, make_trial

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True),
]
HOME = f"/studies/{GIST}/participants"
LISTS = f"/studies/{HUNDRED}/participants"
IN_VIEW = """element => {
  const here = element.getBoundingClientRect(), left = here.left + 2, top = here.top + 2;
  return element.contains(document.elementFromPoint(left, top));
}"""


@dataclass
class Ward:
    """A server of this test's own."""

    trial: Trial
    url: str
    browser: Browser
    opened: list[BrowserContext] = field(default_factory=list)

    def open(self, *, script: bool = True) -> Page:
        """A browser in which the nurse of Northfield has signed in."""
        context = self.browser.new_context(java_script_enabled=script)
        self.opened.append(context)
        page = context.new_page()
        page.goto(f"{self.url}/sign-in")
        come_in(page, "nurse@site.example", PASSWORD)
        return page


@pytest.fixture
def ward(app: Flask, services: Services, browser: Browser) -> Iterator[Ward]:
    trial = make_trial(services.database, services.concealment)
    nurse = make_user(services, sites=("northfield",))
    new = NewMembership(nurse.id, nurse.grants[0].role, None, "2020-01-01")
    make_membership(services, new=new, study=HUNDRED)
    with served(app) as url:
        made = Ward(trial, url, browser)
        yield made
        for context in made.opened:
            context.close()


def people_of_hundred_visits(trial: Trial) -> list[Participant]:
    """Four people of a study with a hundred kinds of visit, enrolled today."""
    with trial.acting(SYSTEM_ACTOR) as tx:
        studies.publish(tx, studies.check_definition(hundred_visits()), add_sites=True)
    return [_enrolled(trial, year) for year in range(1950, 1954)]


def _enrolled(trial: Trial, year: int) -> Participant:
    with trial.acting(SYSTEM_ACTOR) as tx:
        person = service.screen(tx, HUNDRED, "northfield", service.Screening(trial.today))
        consent = service.ConsentTaken("main", "1.0", trial.today, "A. Cole")
        facts = service.Enrolment(f"{year}-05-14", "female", consent=consent)
        return service.enrol(tx, HUNDRED, person.id, facts, likeness_key=KEY)


def test_from_anywhere_a_number_takes_three_keys_besides_itself(ward: Ward) -> None:
    person, _other = ward.trial.enrolled(), ward.trial.screen()
    page = ward.open()
    page.goto(f"{ward.url}/account")
    hand = Hand(page)

    hand.press("Alt+s")
    hand.type("nor0001")
    with next_page(page):
        hand.press("Enter")

    expect(page).to_have_url(f"{ward.url}{HOME}/{person.id}")
    assert hand.keys == len("nor0001") + 2
    assert hand.loads == 1


@pytest.mark.parametrize(
    "typed, words",
    [
        ("", "Type a participant number"),
        ("NOR", "5 participants have “NOR” in a number."),
        ("%", "“%” is in no number"),
        ("x" * 500, "You typed 500 characters."),
        ("W" * 60, "Nobody at your sites has"),
    ],
    ids=["empty", "many hits", "sign", "too long", "none"],
)
def test_each_answer_of_a_search_is_accessible_and_fits(ward: Ward, typed: str, words: str) -> None:
    for _ in range(5):
        ward.trial.screen()
    page = ward.open()
    heard = listen(page)

    page.goto(f"{ward.url}/find?number={quote(typed)}")

    expect(page.locator("main")).to_contain_text(words)
    assert page.input_value("#app-search") == typed
    assert faults(page) == []
    assert heard == []


def test_search_filter_and_clear_work_without_scripts(ward: Ward) -> None:
    screened, enrolled = ward.trial.screen(), ward.trial.enrolled()
    page = ward.open(script=False)
    page.fill("#app-search", "nor")
    press(page, "Find")
    with next_page(page):
        page.get_by_role("link", name=enrolled.number, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(enrolled.number)

    page.goto(f"{ward.url}{HOME}")
    page.select_option("#filter-status", "screened")
    press(page, "Apply")
    page.goto(f"{ward.url}{HOME}")

    expect(page.locator("#remembered")).to_contain_text("Participant status: In screening")
    expect(page.locator("#participants tbody tr")).to_have_count(1)
    with next_page(page):
        page.locator("#remembered a").click()
    expect(page.locator("#participants tbody tr")).to_have_count(2)
    assert screened.number in page.locator("#participants").inner_text()


def test_a_grid_of_a_hundred_visits_is_accessible_and_leaves_the_page_still(ward: Ward) -> None:
    people_of_hundred_visits(ward.trial)
    page = ward.open()
    heard = listen(page)
    page.goto(f"{ward.url}{LISTS}?status=enrolled&show=chosen")
    page.goto(f"{ward.url}{LISTS}")

    expect(page.get_by_role("navigation", name="Visits shown")).to_contain_text("Week 97")
    assert page.locator("#participants thead th").count() == 5 + 12
    assert faults(page) == []
    with next_page(page):
        page.get_by_role("link", name="Week 13 to Week 24").click()
    expect(page.locator("#participants thead")).to_contain_text("Week 24")
    assert faults(page) == []
    assert heard == []


def test_number_and_heads_stay_in_view_and_cover_no_link_that_has_the_focus(ward: Ward) -> None:
    people_of_hundred_visits(ward.trial)
    page = ward.open()
    page.set_viewport_size({"width": 820, "height": 700})
    page.goto(f"{ward.url}{LISTS}")
    links = page.locator("#participants tbody tr").nth(1).locator("a")

    for number in [*range(links.count()), *reversed(range(links.count()))]:
        links.nth(number).focus()
        assert links.nth(number).evaluate(IN_VIEW), number
    page.locator(".app-scroll--grid").evaluate("it => it.scrollLeft = it.scrollWidth")

    assert links.first.evaluate(IN_VIEW)
