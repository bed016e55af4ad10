"""The questionnaires of leg function, filled in by hand in a real browser and scored as by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms.values import Cell
from tests.browser.conftest import SignIn
from tests.browser.hand import open_reasons
from tests.browser.journey import fill_date, press, today
from tests.support.demonstration import Server
from tests.support.leg_scores import CASES, Case
from tests.support.legs import open_form

pytestmark = pytest.mark.browser
SELECTS = {"tug_aid": "stick"}
# Each on the form of a participant whose assessment is open; one after the other, on one form.
FORMS: Mapping[str, tuple[str, ...]] = {
    "tess": ("tess: all 3", "tess: 20 of 4, 10 N/A", "tess: one refused", "tess: 14 answered"),
    "msts": ("msts: 26 of 30", "msts: one refused"),
    "lefs": ("lefs: all 4", "lefs: 19 of 4, one refused", "lefs: 18", "lefs: 17"),
    "timed_up_and_go": ("tug: a half", "tug: 12.0 is one", "tug: unable"),
}
HEAD = {
    "tess": {"tess_mode": "paper", "tess_by": "self"},
    "msts": {"msts_mode": "examined", "msts_by": "surgeon"},
    "lefs": {"lefs_mode": "paper", "lefs_by": "self"},
    "timed_up_and_go": {},
}


def answer(page: Page, name: str, value: Any) -> None:
    if isinstance(value, Cell):
        item = page.locator(f"[data-item='{name}']")
        open_reasons(item)
        item.locator(f".app-missing__choice[value='{value.missing}']").click()
    elif name in SELECTS:
        page.select_option(f"[name='{name}']", value)
    elif page.locator(f"input[type=radio][name='{name}']").count():
        page.locator(f"input[type=radio][name='{name}'][value='{value}']").check(force=True)
    else:
        page.fill(f"[name='{name}']", value)


def shown(page: Page, name: str) -> str:
    return page.locator(f"#{name}").inner_text().strip()


def fill(page: Page, case: Case) -> None:
    aid = {"tug_aid": "stick"} if case.answers.get("tug_able") == "done" else {}
    for name, value in {**HEAD[case.instrument], **case.answers, **aid}.items():
        answer(page, name, value)


def save(page: Page, day: str) -> None:
    """Save, with a reason where the form was complete before; the program shows what comes next."""
    fill_date(page, day, today())
    reason = page.locator("select[name=reason]")
    if reason.count():
        reason.select_option(index=1)
    press(page, "Save")


@pytest.mark.parametrize("form", FORMS)
def test_the_form_shows_the_score_worked_by_hand(
    signed_in: SignIn, demonstration: Server, form: str
) -> None:
    page = signed_in("nurse")
    cases = {case.name: case for case in CASES}
    day = {"timed_up_and_go": "tug_date"}.get(form, f"{form}_date")
    url = demonstration.url + open_form(demonstration.services, form)
    for name in FORMS[form]:
        page.goto(url)
        fill(page, cases[name])
        save(page, day)
        page.goto(url)
        for item, wanted in cases[name].scores.items():
            text = shown(page, item)
            if wanted is None:
                expect(page.locator(f"#{item} .app-blank")).to_be_visible()
            elif wanted.replace(".", "").isdigit():
                assert _number(text) == Decimal(wanted), (name, item, text)
            else:
                assert text in _labels(wanted), (name, item)


def _labels(code: str) -> tuple[str, ...]:
    return {
        "complete": ("Complete: all 20 items answered",),
        "prorated": ("Pro-rated: 18 or 19 items answered",),
        "none": ("Not scored: fewer than 18 items answered",),
        "yes": ("12 seconds or more",),
        "no": ("Less than 12 seconds",),
        "unable": ("Unable to complete",),
    }[code]


def _number(text: str) -> Decimal | None:
    """The number at the start of what is shown; a unit may follow."""
    first = text.split(maxsplit=1)[0]
    return Decimal(first) if first.replace(".", "").isdigit() else None
