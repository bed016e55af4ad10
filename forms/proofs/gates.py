"""Proof that a gate can be passed: nobody could be randomised behind one that cannot.

Only what can be proved is refused: criteria that rest on choices alone are tried with every
combination of answers, up to a number; what rests on numbers, dates or facts is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from forms.definition import Criterion, Gate, Study
from forms.expressions import (
    UNKNOWN,
    Expression,
    Kind,
    Known,
    Missing,
    Mode,
    Reference,
    Value,
    check,
    evaluate,
    facts,
    references,
)
from forms.expressions.problems import ExpressionProblem
from forms.formulas import item_type, parsed
from forms.proofs.ground import Ground

MOST_COMBINATIONS = 20_000


@dataclass(frozen=True, slots=True)
class _Answers:
    """One combination of answers as the scope of an expression."""

    by_reference: Mapping[Reference, Value]

    def value(self, reference: Reference) -> Value:
        return self.by_reference[reference]

    def now(self) -> str:
        return ""

    def today(self) -> str:
        return ""

    def context(self, name: str, arguments: Sequence[Known]) -> Value:  # noqa: ARG002
        return UNKNOWN  # never asked: a criterion that names a fact is not tried


@dataclass(frozen=True, slots=True)
class _Trial:
    """A criterion that rests on choices alone, with the references it looks at."""

    criterion: Criterion
    tree: Expression
    looks_at: frozenset[Reference]


def prove_gates(ground: Ground) -> None:
    """Note every criterion no answer fulfils, alone or beside those before it."""
    for gate in ground.study.gates:
        _gate(ground, gate)


def _gate(ground: Ground, gate: Gate) -> None:
    before: list[_Trial] = []
    for one in _trials(ground, gate):
        path = ["gates", gate.name, "criteria", one.criterion.name, "holds"]
        if not _can_hold(ground.study, [one]):
            ground.problem(path, "no answer fulfils this, so nobody could be randomised")
        elif not _can_hold(ground.study, [*_linked(one, before), one]):
            words = "this contradicts the criteria before it, so nobody could be randomised"
            ground.problem(path, words)
        else:
            before.append(one)


def _trials(ground: Ground, gate: Gate) -> Iterator[_Trial]:
    for criterion in gate.criteria:
        try:
            tree = parsed(criterion.holds)
        except ExpressionProblem:
            continue
        if facts(tree) or check(tree, ground.names, calendar_only=True):
            continue
        looks_at = frozenset(references(tree))
        if all(_answers(ground.study, one) is not None for one in looks_at):
            yield _Trial(criterion, tree, looks_at)


def _answers(study: Study, reference: Reference) -> list[Value] | None:
    """What may be found there: a code, a blank, a missing reason; None when it is no choice."""
    if reference.code is not None or reference.modifier is not None:
        return None
    item = study.item(reference.item)
    found = item_type(item)
    if found.kind is not Kind.CHOICE or found.codes is None:
        return None
    unknown = {one.code for one in getattr(item, "choices", ()) if one.unknown}
    return [None, Missing("missing"), *sorted(found.codes - unknown)]


def _linked(one: _Trial, before: Sequence[_Trial]) -> list[_Trial]:
    """The earlier criteria that look at what this one looks at, directly or through others."""
    linked: list[_Trial] = []
    seen = one.looks_at
    while more := [each for each in before if each not in linked and each.looks_at & seen]:
        linked += more
        seen = seen.union(*(each.looks_at for each in more))
    return linked


def _can_hold(study: Study, trials: Sequence[_Trial]) -> bool:
    """Whether some combination of answers makes all of them true; yes where there are too many."""
    looks_at = sorted({each for one in trials for each in one.looks_at}, key=str)
    answers = [_answers(study, one) or [] for one in looks_at]
    if prod(map(len, answers)) > MOST_COMBINATIONS:
        return True
    for chosen in product(*answers):
        scope = _Answers(dict(zip(looks_at, chosen, strict=True)))
        found = (evaluate(one.tree, scope, Mode.KLEENE) for one in trials)
        if all(isinstance(value, float | bool) and value for value in found):
            return True
    return False
