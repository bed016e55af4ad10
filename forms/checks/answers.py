"""Trying all combinations of answers that conditions distinguish, if they are finitely many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from math import prod

from forms.checks.context import CheckContext
from forms.expressions import Expression, Kind, Known, Missing, Mode, Reference, Value, evaluate
from forms.expressions.tree import Call, Fact, Literal, Node, walk

MOST_CASES = 20_000
"""Conditions that tell more combinations of answers apart than this are not tried."""
MOST_STEPS = 1_000_000
"""Nor are they where trying all takes more steps: a part of a condition for one combination."""
_COMPARED = frozenset({"=", "<>", "<", "<=", ">", ">="})

ABSENT: Sequence[Value] = (None, Missing("missing"))
Answers = Mapping[Reference, Value]


class Trial:
    """Conditions of a study, tried together on all combinations of the answers that they use.

    Each answer may be blank or missing. A choice has its codes except those marked unknown; a box
    of a multiple choice is ticked or not; a number compared only with fixed limits has values at,
    between and beyond the limits.
    """

    def __init__(self, ground: CheckContext, trees: Sequence[Expression]) -> None:
        self._ground = ground
        self._trees = trees

    @property
    def is_complete(self) -> bool:
        """Whether the finitely many combinations tried are all there are."""
        if self._domains is None:
            return False
        cases = prod(map(len, self._domains.values()))
        steps = cases * sum(1 for tree in self._trees for _ in walk(tree))
        return cases <= MOST_CASES and steps <= MOST_STEPS

    def example(self) -> Answers | None:
        """Return the first combination for which all conditions hold; None when there is none."""
        return next(self._holding(), None)

    def _holding(self) -> Iterator[Answers]:
        domains = self._domains or {}
        for values in product(*domains.values()):
            answers = dict(zip(domains, values, strict=True))
            scope = _Supposed(answers, self._plain)
            if all(_is_true(evaluate(tree, scope, Mode.KLEENE)) for tree in self._trees):
                yield answers

    @cached_property
    def _domains(self) -> dict[Reference, Sequence[Value]] | None:
        found: dict[Reference, Sequence[Value]] = {}
        for node in dict.fromkeys(node for tree in self._trees for node in walk(tree)):
            if isinstance(node, Fact):
                return None
            if isinstance(node, Reference):
                domain = self._domain(node)
                if domain is None:
                    return None
                found[self._plain(node)] = (*domain, *ABSENT)
        return found

    def _domain(self, reference: Reference) -> Sequence[Known] | None:
        found = self._ground.names.item(reference.item)
        if found is None:
            return None
        if found.kind is Kind.CHOICES:
            return None if reference.code is None else (0.0, 1.0)
        if found.kind is Kind.CHOICE and found.codes is not None:
            return sorted(found.codes - self._unknown(reference.item))
        is_number = found.kind is Kind.NUMBER and self._is_only_compared(reference)
        return _around(self._limits) if is_number else None

    def _unknown(self, item: str) -> set[str]:
        return {choice.code for choice in self._ground.study.item(item).answers if choice.unknown}

    def _is_only_compared(self, reference: Reference) -> bool:
        parents = (n for tree in self._trees for n in walk(tree) if isinstance(n, Call))
        return all(
            parent.name in _COMPARED
            and any(_limit(argument) is not None for argument in parent.arguments)
            for parent in parents
            if reference in parent.arguments
        )

    @cached_property
    def _limits(self) -> list[float]:
        numbers = (_limit(node) for tree in self._trees for node in walk(tree))
        return sorted({number for number in numbers if number is not None})

    def _plain(self, reference: Reference) -> Reference:
        """Return the reference without its visit if the item is asked at one visit only."""
        study = self._ground.study
        visits = study.visits_with(study.instrument_of(reference.item).name)
        if len(visits) == 1 and reference.instance is None:
            return replace(reference, visit=None)
        return reference


def _limit(node: Node) -> float | None:
    if isinstance(node, Literal) and isinstance(node.value, float):
        return node.value
    return None


def _around(limits: Sequence[float]) -> Sequence[float]:
    """Return every limit, a number between each two neighbours, one below and one above all."""
    if not limits:
        return (0.0,)
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return sorted({limits[0] - 1, *limits, *between, limits[-1] + 1})


def _is_true(value: Value) -> bool:
    return isinstance(value, float | bool) and bool(value)


@dataclass(frozen=True)
class _Supposed:
    """A participant with these answers, of whom nothing else is known."""

    answers: Answers
    plain: Callable[[Reference], Reference]

    def value(self, reference: Reference) -> Value:
        return self.answers.get(self.plain(reference))

    def now(self) -> str:
        return f"{self.today()} 00:00:00"

    def today(self) -> str:
        return "2000-01-01"

    def context(self, _name: str, _arguments: Sequence[Known]) -> Value:
        return None
