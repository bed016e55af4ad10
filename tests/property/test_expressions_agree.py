"""The evaluator of the server and that of the browser give the same values, in both logics."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from forms.expressions import UNKNOWN, Missing, Mode, Reference, Value, evaluate, parse, to_json
from forms.expressions.tree import Call, Node, walk
from tests.property.expression_strategies import (
    CODE_FORMS,
    CONSTRUCTS,
    FACT_FORMS,
    NOW,
    RANGE_FORMS,
    REFERENCE_FORMS,
    TODAY,
    Case,
    CaseScope,
    draw_cases,
)

pytestmark = pytest.mark.slow
DRIVER = Path(__file__).with_name("expressions_driver.mjs")
SEED, ROUNDS = 20260301, 25


@cache
def all_cases() -> tuple[Case, ...]:
    return tuple(draw_cases(SEED, ROUNDS))


def as_json(value: Value) -> Any:
    if value is UNKNOWN:
        return {"unknown": True}
    return {"m": value.reason} if isinstance(value, Missing) else value


def case_json(case: Case) -> dict[str, Any]:
    values = {
        json.dumps(
            [one.item, one.visit, one.code, one.instance, one.modifier], separators=(",", ":")
        ): as_json(value)
        for one, value in case.values.items()
    }
    facts = {name: as_json(value) for name, value in case.facts.items()}
    return {"tree": to_json(case.tree), "values": values, "facts": facts}


def browser_answers(cases: tuple[Case, ...]) -> list[list[Any]]:
    node = shutil.which("node")
    assert node is not None, "node is needed: `make setup` brings it"
    sent = {"today": TODAY, "now": NOW, "cases": [case_json(case) for case in cases]}
    done = subprocess.run(
        [node, str(DRIVER)], input=json.dumps(sent), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers: list[list[Any]] = json.loads(done.stdout, parse_int=float)
    return answers


def same(here: Any, there: Any) -> bool:
    """Equal in value and type; JSON knows one type of number."""
    return here == there and isinstance(here, bool) == isinstance(there, bool)


def test_server_and_browser_agree_on_every_drawn_expression_in_both_logics() -> None:
    cases = all_cases()
    answers = browser_answers(cases)

    differing = [
        (case.tree.text, mode, case.values, here, there)
        for case, pair in zip(cases, answers, strict=True)
        for mode, there in zip((Mode.REDCAP, Mode.KLEENE), pair, strict=True)
        if not same(here := as_json(evaluate(case.tree, CaseScope(case), mode)), there)
    ]
    assert len(cases) >= 5_000
    assert differing == []


@pytest.mark.parametrize(
    "on, years",
    [
        ("2025-02-28", 16 + 365 / 366),
        ("2025-03-01", 17),
        ("2026-02-28", 17 + 364 / 365),
        ("2028-02-29", 20),
    ],
)
def test_the_birthday_of_a_leap_day_is_1_march_in_a_common_year_on_both_sides(
    on: str, years: float
) -> None:
    """No round draws a birth on 29 February."""
    case = Case(parse(f"age_at_date('2008-02-29', '{on}', true)"), {}, {})

    assert evaluate(case.tree, CaseScope(case), Mode.REDCAP) == years
    assert browser_answers((case,)) == [[years, years]]


def test_every_construct_is_drawn_often_enough_with_blank_and_missing_operands() -> None:
    drawn: Counter[tuple[str, str]] = Counter()
    for case in all_cases():
        drawn.update(
            (node.name, operand)
            for node in walk(case.tree)
            if isinstance(node, Call)
            for operand in {"any", *(absence(one, case) for one in node.arguments)}
        )

    rare = {
        (name, operand): drawn[name, operand]
        for name in CONSTRUCTS
        for operand in ("any", "blank", "missing")
        if drawn[name, operand] < 20
    }
    assert rare == {}


def absence(node: Node, case: Case) -> str:
    value = case.values[node] if isinstance(node, Reference) else 0.0
    if isinstance(value, Missing):
        return "missing"
    return "blank" if value is None else "any"


def test_every_form_of_reference_and_fact_is_drawn_often_enough() -> None:
    texts = [case.tree.text for case in all_cases()]
    marks = {
        **{name: form.replace("%s", "n1") for name, form in REFERENCE_FORMS.items()},
        **CODE_FORMS,
        **RANGE_FORMS,
        **{name: form.split("%s", maxsplit=1)[0] for name, form in FACT_FORMS.items()},
    }

    rare = [name for name, mark in marks.items() if sum(mark in text for text in texts) < 20]
    assert rare == []


def test_unknown_and_known_results_are_both_frequent() -> None:
    results = [evaluate(case.tree, CaseScope(case), Mode.KLEENE) for case in all_cases()]

    unknown = sum(result is UNKNOWN for result in results)
    assert len(results) // 5 < unknown < len(results) * 4 // 5
