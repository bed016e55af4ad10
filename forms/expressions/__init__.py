"""Expressions of a study (show-if, checks, derivations, gates), parsed without `eval`."""

from __future__ import annotations

from forms.expressions.check import check, result_kind
from forms.expressions.evaluate import evaluate
from forms.expressions.grammar import parse
from forms.expressions.names import ItemType, Kind, Names
from forms.expressions.numbers import show_number
from forms.expressions.problems import ExpressionProblem
from forms.expressions.tree import (
    Expression,
    Fact,
    JsonTree,
    Reference,
    facts,
    functions,
    references,
    to_json,
)
from forms.expressions.values import UNKNOWN, Known, Missing, Mode, Scope, Value

__all__ = [
    "UNKNOWN",
    "Expression",
    "ExpressionProblem",
    "Fact",
    "ItemType",
    "JsonTree",
    "Kind",
    "Known",
    "Missing",
    "Mode",
    "Names",
    "Reference",
    "Scope",
    "Value",
    "check",
    "evaluate",
    "facts",
    "functions",
    "parse",
    "references",
    "result_kind",
    "show_number",
    "to_json",
]
