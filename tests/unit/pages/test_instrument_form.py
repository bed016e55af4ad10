"""What an instrument's form takes from a browser, refuses, keeps and shows."""

from __future__ import annotations

from datetime import date

import pytest
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from forms.build import CONFIRMED_AS_TYPED, InstrumentForm, form_class
from forms.definition import Instrument, Role, Section
from forms.edit_checks import Finding, FindingKind
from forms.fields import typed_reasons
from forms.values import Cell
from tests.unit.pages.kit import REASONS, TODAY, make_study, sink_class

SCRIPT = "\"><script>alert('x')</script>"
FINDING = Finding("weight", FindingKind.RANGE, "180 kg is odd. Is it right?", "weight:range:1")


def sent(*pairs: tuple[str, str], cells: dict[str, Cell] | None = None) -> InstrumentForm:
    form = sink_class()(MultiDict(pairs), cells=cells, today=TODAY)
    form.validate()
    return form


def test_a_file_is_asked_for_on_its_whole_form_alone() -> None:
    some = sink_class(only=frozenset({"sbp", "report"}))
    whole = sink_class()

    assert (some.answerable, "report" in whole.answerable) == (frozenset({"sbp"}), True)


def test_what_never_arrived_changes_nothing() -> None:
    form = sent(("weight", "70"), cells={"sbp": Cell(120)})

    assert form.cells() == {"weight": Cell("70")}


def test_a_box_left_blank_clears_the_value() -> None:
    form = sent(("sbp", ""), cells={"sbp": Cell(120)})

    assert form.cells() == {"sbp": None}


def test_no_radio_chosen_is_told_from_never_sent() -> None:
    assert sent(("surgery", "")).cells() == {"surgery": None}
    assert sent().cells() == {}


def test_the_marker_before_radios_does_not_count_as_an_answer() -> None:
    assert sent(("surgery", ""), ("surgery", "yes")).cells() == {"surgery": Cell("yes")}


def test_two_answers_to_one_question_are_refused() -> None:
    assert (
        "more than one answer" in sent(("surgery", "yes"), ("surgery", "no")).refusals()["surgery"]
    )


def test_valid_items_are_kept_beside_a_refused_one() -> None:
    form = sent(("weight", "72,5"), ("sbp", "120"))

    assert form.cells() == {"sbp": Cell(120)}
    assert list(form.refusals()) == ["weight"]
    assert form.field("weight").get_shown().typed == ["72,5"]


def test_a_missing_reason_stands_beside_the_value_not_in_it() -> None:
    assert sent(("sbp", ""), ("sbp__missing", "refused")).cells() == {
        "sbp": Cell(missing="refused")
    }


def test_value_and_missing_reason_together_are_refused() -> None:
    refusal = sent(("sbp", "120"), ("sbp__missing", "refused")).refusals()["sbp"]

    assert refusal.startswith("Systolic blood pressure: there is a value and also a reason")


def test_an_unknown_missing_reason_is_refused() -> None:
    assert "choose one of the reasons" in sent(("sbp__missing", "bored")).refusals()["sbp"]


@pytest.mark.parametrize("typed", ["nd", "ND", " Not_Done "])
def test_initials_of_a_reason_typed_for_a_number_mean_the_reason(typed: str) -> None:
    assert sent(("sbp", typed)).cells() == {"sbp": Cell(missing="not_done")}


def test_initials_of_a_reason_typed_as_text_stay_text() -> None:
    assert sent(("surgeon", "ND")).cells() == {"surgeon": Cell("ND")}


def test_one_letter_never_stands_for_a_reason() -> None:
    assert set(typed_reasons(REASONS)) == {
        "nd", "nk", "na", "not_done", "not_known", "not_applicable", "refused",
    }  # fmt: skip


def test_a_unit_chosen_is_converted_and_kept_as_entered() -> None:
    form = sent(("weight", "100"), ("weight__unit", "lb"))

    # 100 lb x 0.45359237 = 45.359237 kg, one decimal
    assert form.cells() == {"weight": Cell("45.4", unit="lb", raw="100")}


def test_date_from_three_boxes_and_from_one() -> None:
    boxes = sent(("visit_date-day", "3"), ("visit_date-month", "mar"), ("visit_date-year", "2026"))
    pasted = sent(
        ("visit_date-day", "03/03/2026"), ("visit_date-month", ""), ("visit_date-year", "")
    )

    assert boxes.cells() == pasted.cells() == {"visit_date": Cell("2026-03-03")}


def test_an_error_leads_to_the_box_to_correct() -> None:
    form = sent(("visit_date-day", "3"), ("visit_date-month", "3"), ("visit_date-year", "26"))

    assert [error.href for error in form.page_errors()] == ["#visit_date-year"]


def test_the_error_summary_follows_the_page() -> None:
    form = sent(("pain", "x"), ("taken_at", "25:00"), ("sbp", "x"))

    assert [error.href for error in form.page_errors()] == ["#sbp", "#taken_at", "#pain"]


def test_a_date_after_the_sites_today_is_refused() -> None:
    pairs = [("visit_date-day", "24"), ("visit_date-month", "11"), ("visit_date-year", "2026")]

    assert "future" in sent(*pairs).refusals()["visit_date"]
    later = sink_class()(MultiDict(pairs), today=date(2026, 11, 24))
    assert later.validate()


def test_items_hidden_from_or_only_read_by_the_role_take_nothing() -> None:
    form = sent(("hidden_one", "x"), ("locked_one", "x"), ("bmi", "9"))

    assert form.cells() == {}
    assert not form.asks("hidden_one")
    assert "hidden_one" not in form.render()


def test_another_role_is_asked_what_a_nurse_may_not_see() -> None:
    form = sink_class(Role.INVESTIGATOR)(MultiDict({"locked_one": "x"}), today=TODAY)

    assert form.validate()
    assert form.cells() == {"locked_one": Cell("x")}
    assert form.asks("hidden_one")


def test_a_form_that_is_only_read_has_no_control_and_takes_nothing() -> None:
    form = sink_class(read_only=True)(
        MultiDict({"sbp": "1"}), cells={"sbp": Cell(120), "region": Cell("s")}, today=TODAY
    )

    page = form.render()
    assert form.validate()
    assert form.cells() == {}
    assert "<input" not in page
    assert "120 mmHg" in page
    assert "South" in page


def test_only_some_items_can_be_asked_on_a_page() -> None:
    page = sink_class(only=frozenset({"sbp", "lefs_2"}))(today=TODAY).render()

    assert 'name="sbp"' in page
    assert 'name="lefs_2"' in page
    assert "lefs_1" not in page
    assert "<h2" not in page


def test_what_was_typed_can_be_kept_as_a_draft_and_shown_again() -> None:
    form = sent(("weight", "72,5"), ("visit_date-day", "31"), ("sbp__missing", "refused"))

    again = sink_class()(
        MultiDict(
            [(name, text) for name, texts in form.get_typed_texts().items() for text in texts]
        ),
        today=TODAY,
    )
    assert form.get_typed_texts() == {
        "visit_date-day": ["31"],
        "weight": ["72,5"],
        "sbp__missing": ["refused"],
    }
    assert again.get_typed_texts() == form.get_typed_texts()


def test_a_finding_is_confirmed_by_its_key() -> None:
    assert sent(("weight", "180"), ("weight__confirm", FINDING.key)).confirms(FINDING)
    assert not sent(("weight", "180"), ("weight__confirm", "weight:range:2")).confirms(FINDING)


def test_a_soft_limit_is_confirmed_beside_the_box_but_a_check_is_not() -> None:
    form = sent(("weight", "180"), ("weight__confirm", CONFIRMED_AS_TYPED))
    check = Finding("weight", FindingKind.CHECK, "Odd", "weight:check:1")

    assert form.confirms(FINDING)
    assert not form.confirms(check)


def test_an_odd_derived_value_can_be_confirmed_though_it_has_no_control() -> None:
    odd = Finding("bmi", FindingKind.RANGE, "90 kg is odd. Is it right?", "bmi:range:1")
    form = sent(("bmi__confirm", odd.key))

    assert form.confirms(odd)
    assert form.cells() == {}


def test_a_finding_is_asked_with_a_box_that_carries_its_key() -> None:
    form = sink_class()(cells={"weight": Cell("180")}, today=TODAY)

    assert form.ask(FINDING)
    page = form.render()
    assert 'role="status"><p class="app-question__words" id="weight__confirm-words">180 kg' in page
    assert 'name="weight__confirm" type="checkbox" value="weight:range:1"' in page


def test_an_answered_finding_is_told_but_not_asked_again() -> None:
    form = sink_class()(cells={"weight": Cell("180")}, today=TODAY)

    form.ask(FINDING, is_answered=True)
    assert "weight__confirm" not in form.render()


def test_a_finding_about_a_grid_stands_under_its_last_row() -> None:
    form = sink_class()(today=TODAY)

    assert form.ask(Finding("lefs", FindingKind.CHECK, "All the same?", "lefs:check:1"))
    assert form.field("lefs_5").questions
    assert "All the same?" in form.render()


def test_a_finding_about_an_item_not_on_the_page_is_not_swallowed_silently() -> None:
    form = sink_class(only=frozenset({"sbp"}))(today=TODAY)

    assert not form.ask(FINDING)


def test_stored_cells_are_shown_as_they_were_typed() -> None:
    cells = {
        "weight": Cell("45.4", unit="lb", raw="100"),
        "diagnosed": Cell("2020-03"),
        "symptoms": Cell(("pain", "nausea")),
        "region": Cell(missing="refused"),
    }

    page = sink_class()(cells=cells, today=TODAY).render()
    assert 'value="100"' in page
    assert '<option value="lb" selected>' in page
    assert 'id="diagnosed-day" name="diagnosed-day" type="text" value="UK"' in page
    assert 'value="pain" checked' in page
    assert '<option value="refused" selected>' in page


def test_a_service_may_refuse_an_item_and_put_words_below_it() -> None:
    form = sent(("sbp", "120"))

    form.refuse("weight", "Weight is required to complete this form")
    form.put_below("sbp", Markup('<a href="/history">History</a>'))
    page = form.render()
    assert form.page_errors()[0].href == "#weight"
    assert "Weight is required to complete this form" in page
    assert '<a href="/history">History</a>' in page


def test_whatever_is_typed_comes_back_escaped() -> None:
    names = [field.name for field in sink_class()(today=TODAY).item_fields]
    parts = ["", "-day", "-month", "-year", "-time", "__missing", "__unit", "__confirm"]
    form = sent(*[(f"{name}{part}", SCRIPT) for name in names for part in parts])

    page = form.render()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "𝒳 مرحبا", "x" * 100_001, "1e999", "NaN", "\t\n"]
)
def test_no_text_crashes_any_control(text: str) -> None:
    names = [field.name for field in sink_class()(today=TODAY).item_fields]
    parts = ["", "-day", "-month", "-year", "-time", "__missing", "__unit", "__confirm"]
    form = sent(*[(f"{name}{part}", text) for name in names for part in parts])

    form.render().encode()
    assert all(": " in words or "reason" in words for words in form.refusals().values())


def test_no_words_of_wtforms_reach_a_page() -> None:
    names = [field.name for field in sink_class()(today=TODAY).item_fields]

    for words in sent(*[(name, "?!") for name in names]).refusals().values():
        assert "Not a valid" not in words
        assert "field" not in words.casefold()


def test_fields_of_any_name_keep_the_form_working() -> None:
    items = tuple(
        {"type": "text", "name": name, "label": name}
        for name in ("data", "errors", "validate", "process", "meta", "render", "today")
    )
    section = Section.model_validate({"title": "Odd names", "items": items})
    odd = Instrument(name="sink", title="Odd", sections=(section,))
    form = form_class(make_study(odd), odd, role=Role.NURSE)(
        MultiDict({"validate": "a", "data": "b"}), today=TODAY
    )

    assert form.validate()
    assert form.cells() == {"data": Cell("b"), "validate": Cell("a")}
