"""One clinic for tests of pages: the GIST study, a participant, people in their browsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from capture.access import Role
from capture.participants import reads as participant_reads
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_user
from tests.support.entries import Desk
from tests.support.kept_worlds import done_once
from tests.support.trial import GIST, Trial, make_trial

SignIn = Callable[..., Visitor]
INPUT = re.compile(r"<(input|button)\b([^>]*)>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class Tab:
    """A form as one person's browser has it open."""

    visitor: Visitor
    url: str
    page: TestResponse

    def hidden(self) -> dict[str, str]:
        """What the form itself brings along: version, request id, the items it shows."""
        text = self.page.text
        form = text[text.index("data-instrument-form") :]
        found: dict[str, str] = {}
        for _kind, attributes in INPUT.findall(form):
            named = dict(ATTRIBUTE.findall(attributes))
            if named.get("type") == "hidden":
                found.setdefault(named["name"], unescape(named["value"]))
        return found

    def fields(self, **values: Any) -> dict[str, Any]:
        """A whole form as a browser sends it: every item's control, blank unless said."""
        sent = self.hidden()
        blank = {f"{item}__missing": "" for item in sent.get("shown", "").split()}
        return {**sent, **blank, "act": "save", **values}

    def save(self, **values: Any) -> TestResponse:
        return self.visitor.client.post(self.url, data=self.fields(**values))


@dataclass
class Clinic:
    """The study with one enrolled participant, and the people of Northfield in their browsers."""

    trial: Trial
    desk: Desk
    visit: str
    sign_in: SignIn

    def url(self, instrument: str = "vitals", visit: str | None = None) -> str:
        person = self.desk.person.id
        return f"/studies/{GIST}/participants/{person}/visits/{visit or self.visit}/{instrument}"

    def tab(self, email: str = "nurse@site.example", url: str | None = None) -> Tab:
        visitor = self.sign_in(email)
        address = url or self.url()
        page = visitor.get(address)
        assert page.status_code == 200, page.text
        return Tab(visitor, address, page)

    def again(self, tab: Tab) -> Tab:
        return Tab(tab.visitor, tab.url, tab.visitor.get(tab.url))


VALUES = {
    "vitals_date-day": "2",
    "vitals_date-month": "3",
    "vitals_date-year": "2026",
    "height_cm": "170",
    "weight_kg": "70",
}


def make_clinic(services: Services, sign_in: SignIn) -> Clinic:
    """Two nurses of Northfield, a monitor of all sites, and a nurse of another site."""
    trial = make_trial(services.database, services.concealment)
    northfield = ("northfield",)

    def open_it() -> Participant:
        make_user(services, sites=northfield)
        make_user(services, email="cole@site.example", name="A. Cole", sites=northfield)
        make_user(services, email="monitor@site.example", role=Role.MONITOR)
        make_user(services, email="far@site.example", name="F. Far", sites=("harbourside",))
        return trial.enrolled()

    desk = Desk(trial, done_once(services.database, "the clinic opened", open_it))
    with services.database.reading() as connection:
        (visit,) = participant_reads.list_visits(connection, desk.person.id)
    return Clinic(trial, desk, visit.id, sign_in)
