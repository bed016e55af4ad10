"""Every type of item on a page: filled in, shown again, hidden by role, and fed with nonsense."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from capture.web.request_context import Services
from forms.values import Cell
from tests.support.clinic import SignIn
from tests.support.kitchen_sink import FILLED, Sink, make_sink

CONTROL = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
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


@pytest.fixture
def sink(services: Services, sign_in: SignIn) -> Sink:
    return make_sink(services, sign_in)


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
    entry = sink.entry()
    assert entry is not None
    assert entry.cells["ed_crp"] == Cell("0.6", sign="<")


def test_a_limit_is_shown_and_put_into_the_history_with_its_sign(sink: Sink) -> None:
    sink.tab().save(**{**FILLED, "ed_crp": "> 200"})

    again = sink.tab()
    history = again.visitor.get(f"{sink.url}?history=all").text

    assert shown_controls(again.page.text)["ed_crp"] == ["> 200"]
    assert "&gt;200 mg/L" in history


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
