"""Three-valued logic of gates, strata, cohorts and safety rules: unknown is not false."""

from __future__ import annotations

import pytest

from forms.expressions import UNKNOWN, Missing, Value
from tests.unit.expressions.scopes import kleene

NOT_DONE = Missing("not_done")
TRUTHS = {"true": True, "false": False, "[u]": UNKNOWN}


@pytest.mark.parametrize("absent", [None, "", NOT_DONE])
@pytest.mark.parametrize(
    "text",
    [
        "[f]", "[f(1)]", "[f] = 1", "[f] <> 1", "[f] < 1", "1 >= [f]", "[f] = ''", "[f] <> ''",
        "[f] + 1", "-[f]", "not [f]", "sum([f], 1)", "max(1, [f])", "round([f])",
        "not_contain([f], 'a')", "concat([f], 'a')", "isnumber([f])", "age_years([f], today)",
        "days_from('2024-01-01', [f])", "if([f] = 1, 1, 2)", "if(true, [f], 2)",
        "contains([f], 'a')",
    ],
)  # fmt: skip
def test_blank_or_missing_makes_the_result_unknown(text: str, absent: Value) -> None:
    assert kleene(text, f=absent) is UNKNOWN


def test_blank_test_never_passes_a_blank_but_answers_when_there_is_a_value() -> None:
    assert kleene("[f] <> ''", f="x") is True
    assert kleene("[f] = ''", f="x") is False


AND = {
    ("true", "true"): True, ("true", "false"): False, ("false", "false"): False,
    ("true", "[u]"): UNKNOWN, ("false", "[u]"): False, ("[u]", "[u]"): UNKNOWN,
}  # fmt: skip
OR = {
    ("true", "true"): True, ("true", "false"): True, ("false", "false"): False,
    ("true", "[u]"): True, ("false", "[u]"): UNKNOWN, ("[u]", "[u]"): UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize("word, table", [("and", AND), ("or", OR)])
def test_and_and_or_follow_kleenes_tables(word: str, table: dict[tuple[str, str], Value]) -> None:
    for (left, right), truth in table.items():
        assert kleene(f"{left} {word} {right}") is truth
        assert kleene(f"{right} {word} {left}") is truth


def test_not_unknown_is_unknown() -> None:
    assert [kleene(f"not {text}") for text in TRUTHS] == [False, True, UNKNOWN]


def test_if_of_unknown_is_known_only_when_both_branches_agree() -> None:
    assert kleene("if([u] = 1, 'high', 'high')") == "high"
    assert kleene("if([u] = 1, 'high', 'low')") is UNKNOWN
    assert kleene("if([u] = 1, 1, true)") is UNKNOWN
    assert kleene("if([u] = 1, [u], [u])") is UNKNOWN


def test_missing_functions_are_known() -> None:
    assert kleene("isblankormissingcode([f])") is True
    assert kleene("isblankormissingcode([f])", f=NOT_DONE) is True
    assert kleene("isblankormissingcode([f])", f="1") is False
    assert kleene("isblanknotmissingcode([f])", f=NOT_DONE) is False
    assert kleene("ismissingcode([f])", f=NOT_DONE) is True
    assert kleene("hasmissingcode([f], [g])", f="1") is False


def test_missing_functions_of_an_unknown_result_are_unknown() -> None:
    assert kleene("isblankormissingcode([f] + 1)") is UNKNOWN


@pytest.mark.parametrize(
    "text", ["1 / 0", "sqrt(-1)", "log(0)", "round(1, 0.5)", "left('abc', -1)", "'abc' + 1",
             "10 ^ 400", "stdev(1)", "year('soon')", "''", "not 'abc'"],
)  # fmt: skip
def test_what_has_no_result_is_unknown(text: str) -> None:
    assert kleene(text) is UNKNOWN


def test_known_values_give_what_two_valued_logic_gives() -> None:
    assert kleene("[a] + 1 = 3 and contains([b], 'X')", a="2", b="axe") is True
    assert kleene("trim('  ') = ''") is True


@pytest.mark.parametrize(
    "text, truth",
    [
        ("[d] < '2024-03-01'", True),
        ("[d] <= '2024-02-29'", True),
        ("[d] < '2024-02-29'", UNKNOWN),
        ("[d] >= '2024-02-01'", True),
        ("[d] > '2024-02-01'", UNKNOWN),
        ("[d] > '2024-03'", False),
        ("[d] = '2024-02-10'", UNKNOWN),
        ("[d] <> '2024-03-10'", True),
        ("[d] = '2024'", UNKNOWN),
        ("'2025' > [d]", True),
        ("days_from([d], '2024-03-01') > 0", UNKNOWN),
        ("year([d]) = 2024", True),
        ("month([d]) = 2", True),
    ],
)
def test_partial_dates_are_known_as_far_as_every_completion_agrees(text: str, truth: Value) -> None:
    assert kleene(text, d="2024-02") is truth


def test_unknown_refuses_to_be_used_as_a_truth() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(UNKNOWN)
