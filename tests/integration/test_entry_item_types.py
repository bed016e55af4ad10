"""Every type of item on a page: filled in, shown again, hidden by role, and fed with nonsense."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from capture.access import SYSTEM_ACTOR, Role
from capture.entry import reads
from capture.ledger.service import transaction
from capture.participants import reads as participant_reads
from capture.participants import service as participants
from capture.study import service as study_service
from capture.wiring import Services
from forms.load import read_folder
from forms.scopes import Place
from tests.builders import make_user
from tests.clinic import SignIn, Tab

DEMO = "esign-demo"
FOLDER = Path(__file__).parent.parent / "studies" / DEMO
CONTROL = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
FILLED: dict[str, Any] = {
    "ed_birth-day": "29",
    "ed_birth-month": "feb",
    "ed_birth-year": "1960",
    "ed_sex": "female",
    "ed_initials": "AB",
    "ed_notes": "First line\r\nSecond line",
    "ed_seen-day": "3 Mar 2026",
    "ed_diagnosis-day": "UK",
    "ed_diagnosis-month": "UK",
    "ed_diagnosis-year": "2024",
    "ed_clock": "07:30",
    "ed_walked_at-day": "3",
    "ed_walked_at-month": "3",
    "ed_walked_at-year": "2026",
    "ed_walked_at-time": "10:15",
    "ed_steps": "4000",
    "ed_weight": "154.3",
    "ed_weight__unit": "lb",
    "ed_height": "170",
    "ed_pain": "20",
    "ed_walks": "yes",
    "ed_aids": ["crutches", "stick"],
    "ed_work": "maternity",
    "ed_stairs": "2",
    "ed_shopping": "1",
    "ed_next_visit__missing": "not_known",
}
NONSENSE = [
    ["\U0001f600"],
    ["x" * 20_000],
    ["1", "2", "3"],
    ["-0", "0x1f"],
    ["1e999"],
    ["NaN"],
    ["<b>"],
    ["１２"],
    ["29"],
    ["", " \t "],
    ["2026-02-30"],
    ["\u202e\u200b"],
]


@cache
def demo() -> study_service.Checked:
    return study_service.checked(read_folder(FOLDER))


@dataclass
class Sink:
    """The form with every type of item, open in a browser."""

    services: Services
    sign_in: SignIn
    pid: str
    url: str

    def tab(self, email: str = "nurse@site.example") -> Tab:
        visitor = self.sign_in(email)
        return Tab(visitor, self.url, visitor.get(self.url))

    def entry(self) -> reads.Entry | None:
        with self.services.database.reading() as connection:
            return reads.entry_at(connection, self.pid, Place("start", 1, "kitchen_sink"))

    def values(self) -> dict[str, Any]:
        found = self.entry()
        return {name: cell.value for name, cell in found.cells.items()} if found else {}


@pytest.fixture
def sink(services: Services, sign_in: SignIn) -> Sink:
    consent = participants.ConsentTaken("main", "1", "2026-03-02", "A. Cole")
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        study_service.publish(tx, demo(), add_sites=True)
        person = participants.screen(tx, DEMO, "westbrook", participants.Screening("2026-03-02"))
        facts = participants.Enrolment(consent=consent, birth_date="1960-02-29", sex="female")
        participants.enrol(tx, DEMO, person.id, facts, likeness_key=b"\x22" * 32)
    people = {"nurse": Role.NURSE, "doctor": Role.INVESTIGATOR, "monitor": Role.MONITOR}
    for name, role in people.items():
        make_user(services, email=f"{name}@site.example", name=name, role=role, study=DEMO)
    with services.database.reading() as connection:
        visit = participant_reads.visits(connection, person.id)[0]
    url = f"/studies/{DEMO}/participants/{person.id}/visits/{visit.id}/kitchen_sink"
    return Sink(services, sign_in, person.id, url)


def test_every_type_of_item_is_stored_as_its_value(sink: Sink) -> None:
    answer = sink.tab().save(**FILLED)

    values = sink.values()
    assert answer.status_code == 303, answer.text
    # 154.3 lb x 0.45359237 = 69.989... kg, which is 70 to one decimal; 70 / 1.7 squared = 24.2.
    assert {name: values[name] for name in ("ed_weight", "ed_bmi", "ed_weight_class")} == {
        "ed_weight": "70",
        "ed_bmi": "24.2",
        "ed_weight_class": "usual",
    }
    assert values["ed_birth"] == "1960-02-29"
    assert values["ed_seen"] == "2026-03-03"
    assert values["ed_diagnosis"] == "2024"
    assert values["ed_walked_at"] == "2026-03-03T10:15"
    assert values["ed_aids"] == ("stick", "crutches")
    assert values["ed_notes"] == "First line\nSecond line"
    assert values["ed_next_visit"] is None


def test_what_is_shown_again_is_saved_again_without_a_change(sink: Sink) -> None:
    tab = sink.tab()
    tab.save(**FILLED)
    again = sink.tab()

    answer = again.save(**shown_controls(again.page.text))

    entry = sink.entry()
    assert answer.status_code == 303, answer.text
    assert entry is not None
    assert entry.version == 1


def test_an_item_hidden_from_a_role_is_neither_shown_nor_taken(sink: Sink) -> None:
    nurse = sink.tab()
    nurse.save(**FILLED, ed_rating="seen through")

    assert "Blinded rating" not in nurse.page.text
    assert "ed_rating" not in sink.values()


def test_a_hidden_item_is_not_in_the_history_of_who_may_not_see_it(sink: Sink) -> None:
    sink.tab("doctor@site.example").save(**FILLED, ed_rating="Rated seven")
    histories = [
        sink.sign_in(f"{name}@site.example").get(f"{sink.url}?history=all").text
        for name in ("doctor", "nurse")
    ]

    assert ["Rated seven" in one for one in histories] == [True, False]


def test_a_file_is_refused_in_words_and_the_rest_is_stored(sink: Sink) -> None:
    tab = sink.tab()
    sent = {**tab.fields(**FILLED), "ed_letter": (BytesIO(b"%PDF"), "letter.pdf")}
    answer = tab.visitor.client.post(sink.url, data=sent)

    assert answer.status_code == 422
    assert "Referral letter" in answer.text
    assert sink.values()["ed_weight"] == "70"


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_in_every_control_at_once_never_breaks_the_page(
    sink: Sink, nonsense: list[str]
) -> None:
    tab = sink.tab()
    own = {"csrf_token", "request_id", "version", "shown", "q"}
    controls = set(CONTROL.findall(tab.page.text)) - own
    strange = {f"{name}__confirm": nonsense for name in ("ed_weight", "ed_bmi")}

    answer = tab.save(**dict.fromkeys(controls, nonsense), **strange, reason=nonsense)

    assert answer.status_code in (303, 422), answer.text
    assert tab.visitor.get(sink.url).status_code == 200


def shown_controls(page: str) -> dict[str, Any]:
    """What the form's controls hold, as a browser would send them."""
    form = page[page.index("data-instrument-form") :]
    found: dict[str, Any] = {}
    for tag, attributes in re.findall(r"<(input)\b([^>]*)>", form):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        ticked = named.get("type") not in ("radio", "checkbox") or " checked" in attributes
        if tag and ticked and named.get("type") != "hidden" and named.get("value"):
            found.setdefault(named["name"], []).append(unescape(named["value"]))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        found[name] = unescape(text.removeprefix("\n"))
    return found
