"""A study's dose-finding part as the randomiser's design, and the check that it can be followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

from forms.checks.context import CheckContext
from forms.definition import DoseFinding, TableRow
from randomiser.dose_finding import (
    Above,
    Act,
    DecisionTable,
    DoseDesign,
    DoseDesignProblem,
    Row,
    table_problems,
)
from randomiser.dose_finding import rolling_six as rolling
from randomiser.dose_finding import three_plus_three as three
from randomiser.dose_finding.design import MOST_IN_TABLE

_SHIPPED = {
    "three_plus_three": (three.TABLE, three.COHORT),
    "rolling_six": (rolling.TABLE, rolling.COHORT),
}
_MODEL = {"skeleton", "model", "estimate", "prior_variance", "intercept", "no_skip", "coherent"}
_SIZES = {"cohort", "per_level", "people"}
_OWN_KEYS: Mapping[str, set[str]] = {
    "three_plus_three": set(),
    "rolling_six": set(),
    "table": {"cohort", "per_level", "second_condition", "table", "otherwise"},
    "boin": {*_SIZES, "target", "safe", "toxic", "cutoff"},
    "crm": {*_SIZES, *_MODEL, "target", "cutoff"},
    "tite_crm": {*_SIZES, *_MODEL, "target", "cutoff"},
}
"""The keys that only some methods have; without the check another method's key would be ignored."""
_ABOVE = {None: None, "open": Above.OPEN, "none": Above.SHUT}


def make_dose_design(part: DoseFinding) -> DoseDesign:
    """Make the randomiser's design of a part.

    Raises DoseDesignProblem with every reason why it cannot be carried out.
    """
    keys = {**_list_given_keys(part), **_list_method_keys(part)}
    return DoseDesign(
        method=part.method,
        levels=part.level_names,
        start=part.level_names.index(part.start) if part.start in part.level_names else -1,
        **keys,
    )


def _list_given_keys(part: DoseFinding) -> dict[str, Any]:
    """The keys given in the study; those left out keep the engine's default."""
    own = {field.name for field in fields(DoseDesign)} & part.model_fields_set
    left = own - {"levels", "start", "method", "table", "second_condition"}
    given = {name: getattr(part, name) for name in left}
    exact = {name: _make_exact(value) for name, value in given.items() if value is not None}
    return {"cohort": part.cohort, "per_level": part.per_level, **exact}


def _make_exact(value: object) -> object:
    if isinstance(value, Decimal):
        return Fraction(value)
    return tuple(Fraction(number) for number in value) if isinstance(value, tuple) else value


def _list_method_keys(part: DoseFinding) -> Mapping[str, Any]:
    if part.method in _SHIPPED:
        table, cohort = _SHIPPED[part.method]
        return {"table": table, "cohort": cohort, "per_level": table.people}
    has_second = part.second_condition is not None
    if part.method != "table":
        return {"second_condition": has_second}
    return {"table": _make_table(part), "second_condition": has_second}


def _make_table(part: DoseFinding) -> DecisionTable:
    return DecisionTable(
        people=part.per_level,
        rows=tuple(_make_row(row) for row in part.table),
        second_condition=part.second_condition is not None,
        otherwise=None if part.otherwise is None else Act.COMMITTEE,
    )


def _make_row(row: TableRow) -> Row:
    met = None if row.met is None else _read_range(row.met)
    return Row(
        _read_range(row.evaluable), _read_range(row.dlts), Act(row.then), met, _ABOVE[row.above]
    )


def _read_range(counted: str) -> tuple[int, int]:
    first, _, last = counted.partition("-")
    return int(first), int(last or first)


def check_dose_designs(context: CheckContext) -> None:
    """Check that every part can be carried out and its table decides every possible state."""
    for part in context.study.dose_finding:
        if part.method not in _OWN_KEYS:
            path = ["dose_finding", part.name, "method"]
            context.require_known(path, part.method, _OWN_KEYS, "method of dose finding")
            continue
        _check_keys(context, part)
        if not _report_table_problems(context, part):
            for words in _list_problems(part):
                context.problem(["dose_finding", part.name], words.removesuffix("."))


def _report_table_problems(context: CheckContext, part: DoseFinding) -> bool:
    if part.method != "table" or part.per_level > MOST_IN_TABLE:
        return False
    problems = list(table_problems(_make_table(part)))
    for problem in problems:
        row = [] if problem.row is None else [problem.row]
        context.problem(["dose_finding", part.name, "table", *row], problem.words)
    return bool(problems)


def _check_keys(context: CheckContext, part: DoseFinding) -> None:
    every = set().union(*_OWN_KEYS.values())
    for key in sorted((every - _OWN_KEYS[part.method]) & part.model_fields_set):
        words = f"`{key}` is no key of the method {part.method}; remove it"
        context.problem(["dose_finding", part.name, key], words)


def _list_problems(part: DoseFinding) -> tuple[str, ...]:
    try:
        make_dose_design(part)
    except DoseDesignProblem as found:
        return found.problems
    return ()
