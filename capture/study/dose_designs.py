"""A study's dose-finding part as the randomiser's design, and the proof that it can be followed."""

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
"""The keys that only some methods have; a key of another method would be passed over unseen."""
_ABOVE = {None: None, "open": Above.OPEN, "none": Above.SHUT}


def design_of(part: DoseFinding) -> DoseDesign:
    """Make the randomiser's design of a part.

    Raises DoseDesignProblem with every reason why it cannot be carried out.
    """
    said = {**_said(part), **_of_method(part)}
    return DoseDesign(
        method=part.method,
        levels=part.level_names,
        start=part.level_names.index(part.start) if part.start in part.level_names else -1,
        **said,
    )


def _said(part: DoseFinding) -> dict[str, Any]:
    """The keys that stand in the study; what is left out keeps the engine's default."""
    own = {field.name for field in fields(DoseDesign)} & part.model_fields_set
    left = own - {"levels", "start", "method", "table", "second_condition"}
    given = {name: getattr(part, name) for name in left}
    exact = {name: _exact(value) for name, value in given.items() if value is not None}
    return {"cohort": part.cohort, "per_level": part.per_level, **exact}


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return Fraction(value)
    return tuple(Fraction(one) for one in value) if isinstance(value, tuple) else value


def _of_method(part: DoseFinding) -> Mapping[str, Any]:
    if part.method in _SHIPPED:
        table, cohort = _SHIPPED[part.method]
        return {"table": table, "cohort": cohort, "per_level": table.people}
    has_second = part.second_condition is not None
    if part.method != "table":
        return {"second_condition": has_second}
    return {"table": _table(part), "second_condition": has_second}


def _table(part: DoseFinding) -> DecisionTable:
    return DecisionTable(
        people=part.per_level,
        rows=tuple(_row(row) for row in part.table),
        second_condition=part.second_condition is not None,
        otherwise=None if part.otherwise is None else Act.COMMITTEE,
    )


def _row(row: TableRow) -> Row:
    met = None if row.met is None else _ends(row.met)
    return Row(_ends(row.evaluable), _ends(row.dlts), Act(row.then), met, _ABOVE[row.above])


def _ends(counted: str) -> tuple[int, int]:
    first, _, last = counted.partition("-")
    return int(first), int(last or first)


def prove_dose_designs(ground: CheckContext) -> None:
    """Every part can be carried out, and its table decides every state that can be."""
    for part in ground.study.dose_finding:
        if part.method not in _OWN_KEYS:
            path = ["dose_finding", part.name, "method"]
            ground.require_known(path, part.method, _OWN_KEYS, "method of dose finding")
            continue
        _own_keys_only(ground, part)
        if not _table_problems(ground, part):
            for words in _problems(part):
                ground.problem(["dose_finding", part.name], words.removesuffix("."))


def _table_problems(ground: CheckContext, part: DoseFinding) -> bool:
    if part.method != "table" or part.per_level > MOST_IN_TABLE:
        return False
    found = list(table_problems(_table(part)))
    for problem in found:
        row = [] if problem.row is None else [problem.row]
        ground.problem(["dose_finding", part.name, "table", *row], problem.words)
    return bool(found)


def _own_keys_only(ground: CheckContext, part: DoseFinding) -> None:
    every = set().union(*_OWN_KEYS.values())
    for key in sorted((every - _OWN_KEYS[part.method]) & part.model_fields_set):
        words = f"`{key}` is no key of the method {part.method}; remove it"
        ground.problem(["dose_finding", part.name, key], words)


def _problems(part: DoseFinding) -> tuple[str, ...]:
    try:
        design_of(part)
    except DoseDesignProblem as found:
        return found.problems
    return ()
