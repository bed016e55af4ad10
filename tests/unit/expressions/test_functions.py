"""Numbers and texts: each value worked by hand or from the published definition of the function."""

from __future__ import annotations

import math

import pytest

from forms.expressions import UNKNOWN, Missing, Value, show_number
from tests.unit.expressions.scopes import kleene, redcap


@pytest.mark.parametrize(
    "text, value",
    [
        ("round(2.5)", 3), ("round(-2.5)", -3), ("round(0.5)", 1), ("round(1.005, 2)", 1.01),
        ("round(2.675, 2)", 2.68), ("round(1234, -2)", 1200), ("round(1250, -2)", 1300),
        ("round(2.4)", 2), ("round(1.5, 400)", 1.5), ("round(49, -2)", 0), ("round(50, -2)", 100),
        ("roundup(14.384, 1)", 14.4), ("roundup(-1.1)", -2), ("roundup(3)", 3),
        ("rounddown(14.384, 1)", 14.3), ("rounddown(-1.9)", -1), ("rounddown(1.005, 3)", 1.005),
        ("10 - 2 * 3", 4), ("7 % 3", 1), ("-7 % 3", -1), ("mod(7.5, 2)", 1.5), ("2 ^ 10", 1024),
        ("2 ^ -2", 0.25), ("4 ^ 0.5", 2), ("0 ^ 0", 1), ("(-2) ^ 3", -8), ("-3 ^ 2", -9),
        ("sqrt(2.25)", 1.5), ("abs(-4)", 4), ("exponential(0)", 1), ("log(1)", 0),
        ("log(1000, 10)", 3), ("log(8, 2)", 3), ("exponential(1)", 2.71828182846),
        ("log(10)", 2.30258509299), ("2 ^ 0.5", 1.41421356237), ("1.1 ^ 2", 1.21),
        ("sum(1, 2, 3.5)", 6.5), ("mean(1, 2, 6)", 3), ("median(5, 1, 3)", 3),
        ("median(4, 1, 3, 2)", 2.5), ("min(3, -1, 2)", -1), ("max(3, -1, 2)", 3),
        ("stdev(2, 4, 4, 4, 5, 5, 7, 9)", 2.13808993530),  # sqrt(32/7)
        ("round((70 * 10000) / ((175) ^ (2)), 1)", 22.9),
    ],
)  # fmt: skip
def test_arithmetic(text: str, value: float) -> None:
    assert redcap(text) == value
    assert kleene(text) == value


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "1 % 0", "mod(1, 0)", "sqrt(-1)", "log(0)", "log(-1)", "log(2, 1)", "log(2, 0)",
     "(-8) ^ 0.5", "0 ^ -1", "10 ^ 309", "exponential(1000)", "stdev(4)", "round(1, 0.5)"],
)  # fmt: skip
def test_division_by_zero_and_results_beyond_numbers_are_blank(text: str) -> None:
    assert redcap(text) is None


def test_twelve_significant_digits_are_kept_of_powers_and_logarithms() -> None:
    result = redcap("3 ^ 0.5")

    assert result == 1.73205080757
    assert math.isclose(result, math.sqrt(3), rel_tol=1e-11)


@pytest.mark.parametrize(
    "number, text",
    [(0.0, "0"), (-0.0, "0"), (1.0, "1"), (-2.5, "-2.5"), (0.1, "0.1"), (1e21, "1" + "0" * 21),
     (1e-7, "0.0000001"), (123456789.125, "123456789.125"), (0.1 + 0.2, "0.30000000000000004"),
     (1e16, "10000000000000000"), (1.5e-5, "0.000015")],
)  # fmt: skip
def test_number_as_text_is_the_shortest_decimal_without_exponent(number: float, text: str) -> None:
    assert show_number(number) == text
    assert redcap("concat([n])", n=number) == text


@pytest.mark.parametrize(
    "value, is_number, is_integer",
    [("12", True, True), ("12.0", True, True), ("1.5", True, False), ("-3", True, True),
     ("1e5", False, False), ("abc", False, False), ("1,5", False, False), ("٣", False, False),
     (None, False, False), (7.0, True, True), ("9" * 400, False, False), ("1\n", False, False)],
)  # fmt: skip
def test_numeric_text_is_ascii_digits_with_a_point(
    value: Value, is_number: bool, is_integer: bool
) -> None:
    assert redcap("isnumber([f])", f=value) is is_number
    assert redcap("isinteger([f])", f=value) is is_integer


@pytest.mark.parametrize(
    "text, value",
    [
        ("contains('Imatinib', 'MAT')", True), ("contains('abc', '')", False),
        ("not_contain('Imatinib', 'x')", True), ("not_contain([b], 'x')", True),
        ("starts_with('Imatinib', 'ima')", True), ("starts_with('Imatinib', 'mat')", False),
        ("ends_with('Imatinib', 'NIB')", True), ("ends_with('', '')", False),
        ("find('b', 'abcb')", 2), ("find('x', 'abc')", 0), ("find('B', 'abc')", 0),
        ("find('é', '🩺é')", 2), ("find('', 'abc')", 0),
        ("length('🩺é')", 2), ("length([b])", 0), ("length(12.50)", 4),
        ("left('sarcoma', 3)", "sar"), ("left('ab', 9)", "ab"), ("left('ab', 0)", None),
        ("right('sarcoma', 3)", "oma"), ("right('ab', 9)", "ab"), ("right('ab', -1)", None),
        ("mid('sarcoma', 2, 3)", "arc"), ("mid('ab', 0, 1)", None), ("mid('🩺🫀', 2, 5)", "🫀"),
        ("upper('Straße é')", "STRASSE É"), ("lower('ÅB')", "åb"), ("trim(' a b\t')", "a b"),
        ("trim('  ')", None), ("concat('a', [b], 1.50)", "a1.5"), ("concat('a', true)", "a1"),
        ("concat_ws('-', 'a', [b], 'c')", "a-c"), ("replace_text('a.b.c', '.', '')", "abc"),
        ("replace_text('abc', '', 'x')", "abc"), ("concat([b], '')", None),
    ],
)  # fmt: skip
def test_text_functions(text: str, value: Value) -> None:
    assert redcap(text) == value


def test_formula_that_multiplies_its_text_ends_blank_not_out_of_memory() -> None:
    text = "'" + "a" * 200 + "'"
    for _ in range(20):
        text = f"replace_text({text}, 'a', '{'a' * 200}')"

    assert redcap(text) is None
    assert kleene(text) is UNKNOWN


def test_numbers_are_counted_and_summed_where_codes_are_none() -> None:
    # 5, "4" and 0 are numbers; “na”, a blank and a missing reason are not: 3 of 6, 5 + 4 + 0 = 9.
    values: dict[str, Value] = {
        "q_1": 5.0, "q_2": "4", "q_3": "na", "q_4": None, "q_5": Missing("refused"), "q_6": 0.0
    }  # fmt: skip

    assert redcap("count_numbers([q_1..q_6])", **values) == 3
    assert redcap("sum([q_1..q_6])", **values) == 9
    assert redcap("count_numbers([q_3..q_5])", **values) == 0
    assert redcap("sum([q_3..q_5])", **values) is None


def test_in_a_gate_a_blank_leaves_a_count_unknown_and_a_code_does_not() -> None:
    assert kleene("count_numbers([q_1..q_2])", q_1="3", q_2="na") == 1
    assert kleene("count_numbers([q_1..q_2])", q_1="3", q_2=None) is UNKNOWN
    assert kleene("sum([q_1..q_2])", q_1="3", q_2="na") is UNKNOWN
