"""Checks of an entry with every type of item: derived chains, offered choices, grids."""

from __future__ import annotations

from forms.definition import SingleChoice
from forms.edit_checks import derive, round_half_away, shown_items
from forms.evaluation_scope import Cells, Place, StudyScope
from forms.formulas import holds
from forms.values import Cell
from tests.unit.forms.studies import cells, demo, odd, scope_at

SINK = demo().instrument("kitchen_sink")


def _scope(values: Cells | None = None) -> StudyScope:
    bare = scope_at(demo(), "2026-04-03")
    place = Place("start", 1, "kitchen_sink")
    return StudyScope(demo(), {place: values or {}}, bare.local_now, here=place)


def test_a_derived_item_may_read_another() -> None:
    # 95 kg / (1.75 m)^2 = 31.02
    values = cells({"ed_weight": "95", "ed_height": "175"})
    found = derive(SINK, values, _scope())

    assert found["ed_bmi"].value == "31"
    assert (found["ed_weight_class"].value, found["ed_weight_class"].rule) == ("high", "over_30")


def test_the_clause_after_all_others_is_named_too() -> None:
    values = cells({"ed_weight": "75", "ed_height": "175"})
    found = derive(SINK, values, _scope())

    assert (found["ed_weight_class"].value, found["ed_weight_class"].rule) == ("usual", "otherwise")


def test_what_cannot_be_worked_out_has_no_cell() -> None:
    assert derive(SINK, cells({"ed_weight": "95"}), _scope()) == {}


def test_an_old_derived_value_is_replaced_not_read() -> None:
    assert derive(SINK, cells({"ed_weight": "95", "ed_bmi": "99"}), _scope()) == {}


def test_a_choice_is_offered_by_its_condition_and_asked_about_afterwards() -> None:
    work = demo().item("ed_work")
    assert isinstance(work, SingleChoice)
    man = cells({"ed_sex": "male", "ed_work": "maternity"})

    codes = [choice.code for choice in work.list_offered(lambda text: holds(text, _scope(man)))]

    assert codes == ["full", "part", "none"]
    assert [finding.kind for finding in odd(SINK, man, _scope())] == ["choice"]
    assert not odd(SINK, cells({"ed_sex": "female", "ed_work": "maternity"}), _scope())


def test_a_grid_and_its_rows_are_shown_together() -> None:
    shown = shown_items(SINK, {}, _scope())

    assert {"ed_grid", "ed_stairs", "ed_shopping", "ed_intro"} <= shown
    assert "ed_aids" not in shown


def test_a_missing_reason_is_no_finding() -> None:
    assert not odd(SINK, {"ed_weight": Cell(missing="not_done")}, _scope())


def test_rounding_is_half_away_from_zero_on_the_shortest_text() -> None:
    assert round_half_away(2.5, 0) == "3"
    assert round_half_away(-2.5, 0) == "-3"
    assert (
        round_half_away(1.005, 2) == "1.01"
    )  # the double is just below 1.005; its shortest text is not
    assert round_half_away(0.1 + 0.2, 10) == "0.3"
    assert round_half_away(1e300, 2) == "1" + "0" * 300
