"""Two-valued logic as REDCap has it: show-if, checks and calculations; worked by hand."""

from __future__ import annotations

import pytest

from forms.expressions import Missing, Mode, Value, evaluate, parse
from tests.unit.expressions.scopes import WrittenScope, redcap

NOT_DONE = Missing("not_done")


@pytest.mark.parametrize("value", ["1", "1.0", "01", "+1", "1.", 1.0, True])
def test_equality_is_numeric_when_both_sides_are_numeric(value: Value) -> None:
    assert redcap("[f] = 1", f=value) is True
    assert redcap("[f] = '1'", f=value) is True


@pytest.mark.parametrize(
    "text", ["'1e0' = 1", "' 1' = 1", "'1,0' = 1", "'١' = 1", "'0x1' = 1", "'a' = 'A'"]
)
def test_other_spellings_are_texts_and_compare_exactly(text: str) -> None:
    assert redcap(text) is False


def test_texts_are_ordered_by_code_point_not_by_number() -> None:
    assert redcap("'10' < '9'") is False  # both numeric
    assert redcap("'10a' < '9'") is True
    assert redcap("'\uffff' < '\U00010000'") is True


@pytest.mark.parametrize("absent", [None, "", NOT_DONE])
def test_blank_test_is_comparison_with_empty_text(absent: Value) -> None:
    assert redcap("[f] = ''", f=absent) is True
    assert redcap('[f] <> ""', f=absent) is False
    assert redcap("[f] = 'NaN'", f=absent) is True


def test_an_answer_is_not_blank_even_when_it_is_zero() -> None:
    assert redcap("[f] = ''", f="0") is False
    assert redcap("[f] <> ''", f=0.0) is True


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_blank_is_never_less_or_more(sign: str) -> None:
    assert redcap(f"[f] {sign} 5") is False
    assert redcap(f"5 {sign} [f]") is False
    assert redcap(f"[f] {sign} [g]") is False


def test_blank_is_not_zero() -> None:
    assert redcap("[f] = 0") is False
    assert redcap("[f] <> 0") is True


def test_a_box_of_a_question_never_answered_is_blank() -> None:
    assert redcap("[f(1)]") is None
    assert redcap("[f(1)] + [f(2)]") is None
    assert redcap("[f(1)] = '0'") is False
    assert redcap("[f(1)] <> '1'") is True
    refused = WrittenScope({"[f(1)]": NOT_DONE, "[f(2)]": NOT_DONE})
    assert evaluate(parse("sum([f(1)], [f(2)])"), refused, Mode.REDCAP) is None
    answered = WrittenScope({"[f(1)]": 0.0, "[f(2)]": 1.0})
    assert evaluate(parse("[f(1)] + [f(2)]"), answered, Mode.REDCAP) == 1.0


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "%", "^"])
@pytest.mark.parametrize("absent", [None, NOT_DONE, "abc"])
def test_arithmetic_with_a_blank_or_a_text_is_blank(sign: str, absent: Value) -> None:
    assert redcap(f"[f] {sign} 2", f=absent) is None
    assert redcap(f"2 {sign} [f]", f=absent) is None


@pytest.mark.parametrize("name", ["sum", "mean", "median", "min", "max"])
def test_statistics_skip_blanks_and_are_blank_when_all_are(name: str) -> None:
    assert redcap(f"{name}([a], [b], [c])", a=4.0, b=None, c=NOT_DONE) == 4.0
    assert redcap(f"{name}([a], [b])") is None


def test_bare_missing_item_stays_missing() -> None:
    assert redcap("[f]", f=NOT_DONE) == NOT_DONE
    assert redcap("if(true, [f], 1)", f=NOT_DONE) == NOT_DONE


@pytest.mark.parametrize(
    "value, blank_or_missing, blank, missing",
    [
        (None, True, True, False),
        (NOT_DONE, True, False, True),
        ("0", False, False, False),
    ],
)
def test_missing_functions_tell_blank_from_missing(
    value: Value, blank_or_missing: bool, blank: bool, missing: bool
) -> None:
    assert redcap("isblankormissingcode([f])", f=value) is blank_or_missing
    assert redcap("isblanknotmissingcode([f])", f=value) is blank
    assert redcap("ismissingcode([f])", f=value) is missing
    assert redcap("hasmissingcode(1, [f])", f=value) is missing


@pytest.mark.parametrize(
    "value, truth",
    [("0", False), ("1", True), (0.0, False), ("-2", True), ("abc", True), (None, False),
     (NOT_DONE, False), (True, True)],
)  # fmt: skip
def test_truth_of_a_value(value: Value, truth: bool) -> None:
    assert redcap("if([f], 'yes', 'no')", f=value) == ("yes" if truth else "no")
    assert redcap("not [f]", f=value) is not truth
    assert redcap("[f] and true", f=value) is truth
    assert redcap("[f] or false", f=value) is truth


def test_if_gives_the_branch_chosen_and_blank_for_the_blank_literals() -> None:
    assert redcap("if([a] = 1, 2, 3)", a="1") == 2.0
    assert redcap("if([a] = 1, 2, '')", a="2") is None
    assert redcap("if([a] = 1, 2, 'NaN')", a="2") is None


def test_truths_count_as_one_and_zero() -> None:
    assert redcap("([a] = 1) + ([b] = 1) + ([c] = 1)", a="1", b="2", c="1") == 2.0


def test_facts_come_from_the_scope_with_their_arguments() -> None:
    scope = WrittenScope(
        facts={
            "site.country": "GB",
            "allocation.arm duration": "IM36",
            "consent.in_force main 2026-03-01": True,
            "event-name": "baseline",
        }
    )
    results = [
        evaluate(parse(text), scope, Mode.REDCAP)
        for text in (
            "site.country = 'GB'",
            "allocation('duration').arm",
            "consent.in_force('main', 'today')",
            "[event-name]",
            "allocation.arm",
            "consent.in_force('main', '2026-03')",
        )
    ]
    assert results == [True, "IM36", True, "baseline", None, None]


def test_today_and_now_are_those_of_the_site() -> None:
    assert redcap("today") == "2026-03-01"
    assert redcap("[today]") == "2026-03-01"
    assert redcap("now") == "2026-03-01 10:30:00"
