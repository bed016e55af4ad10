"""Where a reference leads: this entry, this visit, another visit, an instance, a fact."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from forms.evaluation_scope import Allocated, Facts, Place, StudyScope
from forms.expressions import UNKNOWN, Mode, Reference, Value
from forms.formulas import three_valued, two_valued
from forms.values import Cell
from tests.unit.forms.studies import gist

DRUG = "imatinib_treatment"
ENTRIES = {
    Place("baseline", 1, "haematology"): {"plt": Cell(200)},
    Place("drug_m1", 1, "haematology"): {"plt": Cell(150)},
    Place("drug_m1", 1, DRUG): {"imtx_taken": Cell(28)},
    Place("drug", 2, "haematology"): {"plt": Cell(120)},
    Place("log", 1, "adverse_events", 1): {"ae_grade": Cell("2")},
    Place("log", 1, "adverse_events", 3): {"ae_grade": Cell("4")},
    Place("log", 1, "recurrence", 1): {"recurrence_sites": Cell(("liver",))},
    Place("baseline", 1, "gist_history"): {"gist_rupture": Cell("nk")},
}
FACTS = Facts(
    site={"country": "fi"},
    allocations={"duration": Allocated("IM60", date(2026, 1, 5))},
    consents={"main": [(date(2026, 1, 1), date(2026, 3, 1)), (date(2026, 3, 10), None)]},
    status="on_treatment",
    smart={"record-name": "G-001"},
)


def _scope(here: Place | None = None) -> StudyScope:
    return StudyScope(gist(), ENTRIES, datetime(2026, 4, 3, 12, 0), FACTS, here)  # noqa: DTZ001


@pytest.mark.parametrize(
    "text, here, value",
    [
        ("[baseline][plt]", None, 200.0),
        ("[plt]", Place("drug_m1", 1, "haematology"), 150.0),
        ("[plt]", Place("drug_m1", 1, DRUG), 150.0),
        ("[imtx_taken]", Place("drug_m1", 1, "haematology"), 28.0),
        ("[plt]", None, None),
        ("[drug][plt][2]", None, 120.0),
        ("[drug][plt][1]", None, None),
        ("[drug][plt][last-instance]", None, 120.0),
        ("[previous-event-name][plt]", Place("drug_m1", 1, "haematology"), 200.0),
        ("[first-event-name][plt]", Place("drug", 2, "haematology"), 200.0),
        ("[ae_grade][1]", None, "2"),
        ("[ae_grade][last-instance]", None, "4"),
        ("[ae_grade][2]", None, None),
        ("[recurrence_sites(liver)]", None, 1.0),
        ("[recurrence_sites(local)]", None, 0.0),
        ("[gist_rupture]", None, "nk"),
        ("site.country", None, "fi"),
        ("allocation.arm", None, "IM60"),
        ("allocation('duration').date", None, "2026-01-05"),
        ("participant.status", None, "on_treatment"),
        ("[record-name]", None, "G-001"),
        ("today", None, "2026-04-03"),
        ("consent.in_force('main', '2026-02-28')", None, True),
        ("consent.in_force('main', '2026-03-01')", None, False),
        ("consent.in_force('main', today)", None, True),
        ("consent.in_force('other', today)", None, False),
    ],
)
def test_a_reference_leads_to_one_value(text: str, here: Place | None, value: Value) -> None:
    assert two_valued(text, _scope(here)) == value


def test_not_known_is_an_answer_to_show_if_and_unknown_to_a_gate() -> None:
    assert two_valued("[baseline][gist_rupture] = 'nk'", _scope()) is True
    assert three_valued("[baseline][gist_rupture] = 'no'", _scope()) is UNKNOWN


def test_the_source_of_a_value_is_its_entry() -> None:
    scope = _scope().in_mode(Mode.KLEENE)

    assert scope.place_of(Reference("plt", visit="baseline")) == Place("baseline", 1, "haematology")
    assert scope.place_of(Reference("no_such_item")) is None
