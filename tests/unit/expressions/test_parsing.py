"""Reading expressions: the grammar of docs/expressions.md, and words for what cannot be read."""

from __future__ import annotations

import sys

import pytest

from forms.expressions import (
    ExpressionProblem,
    Mode,
    evaluate,
    facts,
    functions,
    parse,
    references,
    to_json,
)
from tests.unit.expressions.scopes import WrittenScope

# Every distinct expression of the REDCap example dictionaries and project files.
BOXES = " or ".join(f'[esm_social_interact({code})] = "1"' for code in range(1, 9))
FROM_EXAMPLES = [
    '[sex] = "0"',
    '[sex] = "0" and [given_birth] = "1"',
    "round(([weight]*10000)/(([height])^(2)),1)",
    "round(([weight2]*10000)/(([height2])^(2)),1)",
    "3+4",
    '[esm_social_interact(0)] = "1"',
    '[esm_social_virt_interact]="1"',
    BOXES,
]


@pytest.mark.parametrize("text", FROM_EXAMPLES)
def test_expressions_of_the_redcap_examples_are_read(text: str) -> None:
    assert parse(text).text == text


@pytest.mark.parametrize(
    "text, tree",
    [
        ("1 + 2 * 3", ["+", 1, ["*", 2, 3]]),
        ("(1 + 2) * 3", ["*", ["+", 1, 2], 3]),
        ("10 - 2 - 3", ["-", ["-", 10, 2], 3]),
        ("-2 ^ 2", ["neg", ["^", 2, 2]]),
        ("2 ^ -1", ["^", 2, ["neg", 1]]),
        ("(2)^(3)^(2)", ["^", 2, ["^", 3, 2]]),
        ("+7 % 3", ["%", 7, 3]),
        ("[a]=1 or [b]=2 and not [c]", ["or", ["=", ["ref", "a"], 1],
         ["and", ["=", ["ref", "b"], 2], ["not", ["ref", "c"]]]]),
        ("1 = 1 OR 2 = 2 || 3 == 3", ["or", ["=", 1, 1], ["=", 2, 2], ["=", 3, 3]]),
        ("true AND False && !true", ["and", True, False, ["not", True]]),
        ("[a] != 1", ["<>", ["ref", "a"], 1]),
        ("[a] => 1", [">=", ["ref", "a"], 1]),
        ("ROUND([a], 1)", ["round", ["ref", "a"], 1]),
        ("'NaN'", ""),
        ("nan", ""),
        ("'it\\'s \\\\ \\n'", "it's \\ \n"),
        ("“x” = ‘y’", ["=", "x", "y"]),
        ("„nein“", "nein"),
        ('"it’s"', "it’s"),
    ],
)  # fmt: skip
def test_operators_bind_and_spell_as_in_redcap(text: str, tree: object) -> None:
    assert to_json(parse(text)) == tree


@pytest.mark.parametrize(
    "text, tree",
    [
        ("[Age]", ["ref", "age"]),
        ("[baseline][age]", ["ref", "age", "baseline"]),
        ("[age][3]", ["ref", "age", None, None, "3"]),
        ("[baseline][age][3]", ["ref", "age", "baseline", None, "3"]),
        ("[age][last-instance]", ["ref", "age", None, None, "last-instance"]),
        ("[previous-event-name][age]", ["ref", "age", "previous-event-name"]),
        ("[race(2)]", ["ref", "race", None, "2"]),
        ("[race(-99)]", ["ref", "race", None, "-99"]),
        ("[race(NK-a)]", ["ref", "race", None, "NK-a"]),
        ("[event-name]", ["fact", "event-name"]),
        ("[survey-duration-completed:form:m]", ["fact", "survey-duration-completed", "form", "m"]),
        ("site.country", ["fact", "site.country"]),
        ("allocation.arm", ["fact", "allocation.arm"]),
        ("allocation('duration').date", ["fact", "allocation.date", "duration"]),
        (
            "consent.in_force('main', today)",
            ["fact", "consent.in_force", "main", ["fact", "today"]],
        ),
        ("cohort", ["fact", "cohort"]),
        ("participant.status", ["fact", "participant.status"]),
    ],
)
def test_references_and_facts_are_told_apart_by_their_shape(text: str, tree: object) -> None:
    assert to_json(parse(text)) == tree


def test_whole_line_comments_and_newlines_are_blanks() -> None:
    text = "# adults\n[a] = 1\n  // only here\r\nand '# kept' <> \"\""

    assert to_json(parse(text)) == ["and", ["=", ["ref", "a"], 1], ["<>", "# kept", ""]]


@pytest.mark.parametrize(
    "text, words, place",
    [
        ("", "empty", (1, 1)),
        (" \n ", "empty", (1, 1)),
        ("$('#x').prop('selected', true)", "jQuery", (1, 1)),
        ("[a] = 'x", "no closing quote", (1, 7)),
        ("[a] = [b", "no partner", (1, 7)),
        ("(1 + 2", "not closed", (1, 6)),
        ("1 +", "ends too early", (1, 3)),
        ("[a] = 1\n[b] = 2", "“[b]” does not belong here", (2, 1)),
        ("rnd(1)", "no function “rnd”", (1, 1)),
        ("1 + round()", "takes 1 or 2 values, here it has 0", (1, 5)),
        ("age", "an item stands in square brackets", (1, 1)),
        ("site.a.b", "known are site.…", (1, 1)),
        ("allocation('a', 'b').arm", "Write allocation(", (1, 1)),
        ("[a][b][c][d]", "too many brackets", (1, 7)),
        ("[3]", "an item must stand here", (1, 1)),
        ("[current-instance][a]", "name a visit", (1, 1)),
        ("[a()]", "names no code", (1, 1)),
        ("[a b]", "neither an item", (1, 1)),
        ("[a] = 1 ; 2", "“;” means nothing here", (1, 9)),
        ("[a] = 1\x00", "U+0000", (1, 8)),
        ("9" * 400, "too large", (1, 1)),
        ("1,5", "“,” does not belong here", (1, 2)),
        ("__import__('os')", "no function", (1, 1)),
    ],
)
def test_what_cannot_be_read_is_told_in_words_and_place(
    text: str, words: str, place: tuple[int, int]
) -> None:
    with pytest.raises(ExpressionProblem) as caught:
        parse(text)

    assert words in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


def nested_ifs(levels: int) -> str:
    return "".join(f"if([a]={level}, '{level}', " for level in range(levels)) + "''" + ")" * levels


def test_lookup_tables_of_150_nested_ifs_are_read_and_evaluated() -> None:
    tree = parse(nested_ifs(150))

    assert evaluate(tree, WrittenScope({"[a]": "149"}), Mode.REDCAP) == "149"


def test_deepest_tree_needs_less_than_half_of_the_interpreters_stack() -> None:
    tree = parse(f"{nested_ifs(197)} = 1")
    frames = 0
    frame = sys._getframe()
    while frame.f_back is not None:
        frames, frame = frames + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(frames + 500)
    try:
        assert evaluate(tree, WrittenScope({"[a]": "196"}), Mode.KLEENE) is False
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", [nested_ifs(300), "-" * 9_000 + "1", "+".join("1" * 9_000), "not " * 900 + "true"]
)
def test_deeper_than_200_levels_is_refused_in_words(text: str) -> None:
    with pytest.raises(ExpressionProblem, match="200 levels"):
        parse(text)


@pytest.mark.slow
def test_brackets_and_long_alternatives_are_no_depth() -> None:
    alternatives = " or ".join(["[a(1)]='1'"] * 1500)

    assert to_json(parse("(" * 2000 + "1" + ")" * 2000)) == 1
    assert len(parse(alternatives).root.arguments) == 1500  # type: ignore[union-attr]


def test_longer_than_64_kb_is_refused() -> None:
    with pytest.raises(ExpressionProblem, match="64 kB"):
        parse("'" + "é" * 33_000 + "'")


def test_tree_tells_its_references_functions_and_facts() -> None:
    tree = parse("if([v1][a(2)] = '1', round([b][2]), [b][2]) > 1 and site.country = 'GB'")

    assert [str(one) for one in references(tree)] == ["[v1][a(2)]", "[b][2]"]
    assert functions(tree) == {"if", "round"}
    assert [fact.name for fact in facts(tree)] == ["site.country"]


@pytest.mark.parametrize(
    "text, names",
    [
        ("sum([q_1..q_3])", ["q_1", "q_2", "q_3"]),
        ("sum([q2_1..q2_2])", ["q2_1", "q2_2"]),
        ("sum([Q_9 .. q_11])", ["q_9", "q_10", "q_11"]),
        ("sum([q08..q10], [other])", ["q08", "q09", "q10", "other"]),
        ("sum([q_099..q_101])", ["q_099", "q_100", "q_101"]),
    ],
)
def test_a_range_stands_for_its_items_in_order(text: str, names: list[str]) -> None:
    assert [one.item for one in references(parse(text))] == names
    assert to_json(parse(text)) == ["sum", *(["ref", name] for name in names)]


def test_a_range_may_be_of_another_visit_and_is_not_seen_in_a_code() -> None:
    assert to_json(parse("max([baseline][q1..q2])")) == [
        "max", ["ref", "q1", "baseline"], ["ref", "q2", "baseline"]
    ]  # fmt: skip
    assert to_json(parse("sum([boxes(a..b)])")) == ["sum", ["ref", "boxes", None, "a..b"]]


@pytest.mark.parametrize(
    "text, words, column",
    [
        ("1 + [q_1..q_3]", "stands only among the values of a function: sum([q_1..q_3])", 5),
        ("sum([q_3..q_1])", "does not count up over 2 to 100 items", 5),
        ("sum([q_1..q_1])", "does not count up", 5),
        ("sum([q_1..q_101])", "does not count up", 5),
        ("sum([q_1..q_999999999999])", "does not count up", 5),
        (f"sum([q_{'1' * 5000}..q_3])", "does not count up", 5),
        ("sum([q_08..q_9])", "does not count up", 5),
        ("sum([q_1..r_3])", "is no range: write two items", 5),
        ("sum([q..r])", "is no range", 5),
        ("round([q_1..q_3])", "“round” takes 1 or 2 values, here it has 3", 1),
        ("sum([a][b][q_1..q_3])", "too many brackets", 11),
        ("sum([q_1..q_3][2])", "“[2]” does not belong here", 15),
    ],
)
def test_what_is_no_range_is_told_with_its_place(text: str, words: str, column: int) -> None:
    with pytest.raises(ExpressionProblem) as caught:
        parse(text)

    assert words in caught.value.words
    assert caught.value.column == column
