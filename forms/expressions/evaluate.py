"""The evaluation of a tree in two-valued (REDCap) or three-valued (Kleene) logic; never raises.

capture/static/expressions.js is the same evaluator for the browser; a property test compares the
two. There are at most two Python frames between a call and its operands: parsing limits the depth,
and the interpreter allows about a thousand frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forms.expressions.compare import (
    Truth,
    compare_three_valued,
    compare_two_valued,
    to_number,
    to_text,
)
from forms.expressions.dates import DATE_FUNCTIONS, read_moment
from forms.expressions.numbers import ARITHMETIC, STATISTICS, finite
from forms.expressions.signatures import COMPARISONS, FUNCTIONS, MISSING_TESTS
from forms.expressions.texts import TEXT_FUNCTIONS
from forms.expressions.tree import Call, Expression, Fact, Literal, Node, Reference
from forms.expressions.values import UNKNOWN, Known, Missing, Mode, Scope, Value


def evaluate(tree: Expression, scope: Scope, mode: Mode) -> Value:
    """Return the value of an expression.

    REDCAP: None, Missing (a bare reference to such an item), a finite float, a non-empty str or a
    bool. KLEENE: a float, str or bool that is certain, else UNKNOWN.
    Source: docs/expressions.md.
    """
    result = _Run(scope, mode is Mode.KLEENE).node(tree.root)
    if mode is Mode.KLEENE:
        return UNKNOWN if _is_absent(result) or result == "" else result
    return None if result is UNKNOWN else result


def _is_absent(value: Value) -> bool:
    return value is None or value is UNKNOWN or isinstance(value, Missing)


def _present(value: Value) -> Known | None:
    return value if isinstance(value, float | str | bool) else None


def _truth(value: Known | None) -> bool:
    """Return the truth of a value in REDCap: a number other than 0, or a text not a number."""
    number = to_number(value)
    return value is not None if number is None else number != 0


def _truth_three_valued(value: Value) -> Truth:
    number = to_number(_present(value))
    return UNKNOWN if number is None else number != 0


def _negate(value: Truth) -> Truth:
    return UNKNOWN if value is UNKNOWN else not value


class _Run:
    """One evaluation; `node` is its only recursion."""

    def __init__(self, scope: Scope, kleene: bool) -> None:
        self.scope = scope
        self.kleene = kleene

    def node(self, node: Node) -> Value:
        if isinstance(node, Literal):
            return None if node.value == "" and not self.kleene else node.value
        if isinstance(node, Reference):
            return self.reference(node)
        if isinstance(node, Call) and node.name == "if":
            return self.choose(*node.arguments)
        operands = [self.node(argument) for argument in node.arguments]
        if isinstance(node, Fact):
            return self.fact(node.name, operands)
        return self.call(node.name, operands)

    def reference(self, node: Reference) -> Value:
        return self.clean(self.scope.value(node))

    def clean(self, value: Value) -> Value:
        """Return a value from the scope, with numbers as finite floats and empty text as blank."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None if value == "" or (value is UNKNOWN and not self.kleene) else value
        return finite(float(value))

    def choose(self, condition: Node, then: Node, otherwise: Node) -> Value:
        truth = self.truth(self.node(condition))
        if truth is not UNKNOWN:
            return self.node(then if truth else otherwise)
        first, second = self.node(then), self.node(otherwise)
        return first if type(first) is type(second) and first == second else UNKNOWN

    def truth(self, value: Value) -> Truth:
        return _truth_three_valued(value) if self.kleene else _truth(_present(value))

    def fact(self, name: str, operands: Sequence[Value]) -> Value:
        if name == "today":
            return self.scope.today()
        if name == "now":
            return self.scope.now()
        known = [
            self.resolve_day(operand) for operand in map(_present, operands) if operand is not None
        ]
        is_consent = name == "consent.in_force"
        if len(known) < len(operands) or (is_consent and read_moment(to_text(known[1])) is None):
            return UNKNOWN if self.kleene else None
        return self.clean(self.scope.context(name, known))

    def resolve_day(self, value: Known) -> Known:
        """Return the value; the texts “today” and “now” become the site's date and time."""
        word = value.lower() if isinstance(value, str) else ""
        if word == "today":
            return self.scope.today()
        return self.scope.now() if word == "now" else value

    def call(self, name: str, operands: Sequence[Value]) -> Value:
        if name in _LOGIC:
            return _LOGIC[name]([self.truth(operand) for operand in operands])
        if name in MISSING_TESTS:
            return _test_missing(name, operands)
        if self.kleene and any(_is_absent(operand) for operand in operands):
            return UNKNOWN
        known = [_present(operand) for operand in operands]
        if name in COMPARISONS:
            return self.compare(name, *known)
        result = self.compute(name, known)
        if result is None and self.kleene:
            return UNKNOWN
        return None if result == "" and not self.kleene else result

    def compare(self, name: str, left: Known | None, right: Known | None) -> Value:
        if self.kleene and left is not None and right is not None:
            return compare_three_valued(name, left, right)
        return compare_two_valued(name, left, right)

    def compute(self, name: str, operands: Sequence[Known | None]) -> Known | None:
        if name in ARITHMETIC or name in STATISTICS:
            return self.calculate(name, [to_number(operand) for operand in operands])
        if name in TEXT_FUNCTIONS:
            return TEXT_FUNCTIONS[name](*map(to_text, operands))
        return finite(DATE_FUNCTIONS[name](*self.date_operands(name, operands)))

    def calculate(self, name: str, numbers: Sequence[float | None]) -> float | None:
        there = [number for number in numbers if number is not None]
        if name in STATISTICS and not self.kleene:
            return finite(STATISTICS[name](there)) if there else None
        if len(there) < len(numbers):
            return None
        return finite(STATISTICS[name](there) if name in STATISTICS else ARITHMETIC[name](*there))

    def date_operands(self, name: str, operands: Sequence[Known | None]) -> list[str]:
        letters = FUNCTIONS[name].operands
        return [
            to_text(self.resolve_day(operand) if letter == "d" and operand is not None else operand)
            for letter, operand in zip(letters, operands, strict=False)
        ]


def _all_of(truths: Sequence[Truth]) -> Truth:
    if any(truth is False for truth in truths):
        return False
    return UNKNOWN if any(truth is UNKNOWN for truth in truths) else True


def _any_of(truths: Sequence[Truth]) -> Truth:
    return _negate(_all_of([_negate(truth) for truth in truths]))


_LOGIC: dict[str, Callable[[Sequence[Truth]], Truth]] = {
    "and": _all_of,
    "or": _any_of,
    "not": lambda truths: _negate(truths[0]),
}


def _test_missing(name: str, operands: Sequence[Value]) -> Truth:
    if any(operand is UNKNOWN for operand in operands):
        return UNKNOWN
    missing = any(isinstance(operand, Missing) for operand in operands)
    blank = operands[0] is None or operands[0] == ""
    if name == "isblankormissingcode":
        return blank or missing
    return blank if name == "isblanknotmissingcode" else missing
