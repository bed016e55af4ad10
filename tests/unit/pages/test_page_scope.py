"""A page carries to its scripts what its conditions need from elsewhere, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Sequence

from forms.browser import page_scope
from forms.build import InstrumentForm, form_class
from forms.definition import Instrument, Role, Section
from forms.expressions import Known, Missing, Reference, Value
from tests.unit.pages.kit import make_study

ITEMS = (
    {"type": "yes_no_nk", "name": "here", "label": "Asked here"},
    {"type": "text", "name": "seen", "label": "Only read", "read_only_for": (Role.NURSE,)},
    {"type": "text", "name": "a", "label": "A", "show_if": "[here]='yes' and [sex]='f'"},
    {"type": "text", "name": "b", "label": "B", "show_if": "[first][here]='yes'"},
    {"type": "text", "name": "c", "label": "C", "show_if": "[seen]='x' and site.country='gb'"},
)


class Elsewhere:
    """Knows a few values of other entries."""

    def value(self, reference: Reference) -> Value:
        known: dict[str, Value] = {"[sex]": "f", "[seen]": "x", "[first][here]": Missing("refused")}
        return known.get(str(reference))

    def now(self) -> str:
        return "2026-11-23 09:00:00"

    def today(self) -> str:
        return "2026-11-23"

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        return "gb" if (name, list(arguments)) == ("site.country", []) else None


def made() -> type[InstrumentForm]:
    section = Section.model_validate({"title": "All", "items": ITEMS})
    instrument = Instrument(name="sink", title="Sink", sections=(section,))
    return form_class(make_study(instrument), instrument, role=Role.NURSE)


def test_only_what_cannot_be_read_on_the_page_is_sent() -> None:
    sent = json.loads(page_scope(made(), Elsewhere(), visit="base"))

    assert sent == {
        "visit": "base",
        "now": "2026-11-23 09:00:00",
        "today": "2026-11-23",
        "values": {
            '["sex",null,null,null,null]': "f",
            '["here","first",null,null,null]': {"m": "refused"},
            '["seen",null,null,null,null]': "x",
        },
        "facts": {'["site.country"]': "gb"},
    }


def test_a_reference_to_this_very_visit_is_read_on_the_page() -> None:
    sent = json.loads(page_scope(made(), Elsewhere(), visit="first"))

    assert '["here","first",null,null,null]' not in sent["values"]
