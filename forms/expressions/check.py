"""The type check of an expression against the names of its study, before publication."""

from __future__ import annotations

from collections.abc import Sequence

from forms.expressions.brackets import refusal_of
from forms.expressions.check_operands import (
    NO_KIND,
    comparison_problems,
    operand_problem,
    several_answers,
    show,
)
from forms.expressions.dates import DATE_FORMATS, DATE_UNITS
from forms.expressions.names import ItemType, Kind, Names
from forms.expressions.signatures import COMPARISONS, FUNCTIONS, MISSING_TESTS, OPERATORS
from forms.expressions.tree import Call, Expression, Fact, Literal, Node, Reference

_CALENDAR = "age_years, age_months, months_between or days_from"


def check(tree: Expression, names: Names, *, calendar_only: bool) -> list[str]:
    """Return all problems of an expression, worded for a trial manager; empty if there are none.

    calendar_only: refuse `datediff`, as gates, strata and windows must (its months are 30.44 days).
    """
    checker = _Checker(names, calendar_only)
    found = checker.type_of(tree.root)
    if found.kind is Kind.CHOICES:
        checker.problems.append(several_answers(tree.root))
    return list(dict.fromkeys(checker.problems))


def result_kind(tree: Expression, names: Names) -> Kind:
    """Return the kind of an expression's value, as far as it is known without evaluation."""
    return _Checker(names, calendar_only=False).type_of(tree.root).kind


class _Checker:
    """One check; collects problems while it finds the type of every node."""

    def __init__(self, names: Names, calendar_only: bool) -> None:
        self.names = names
        self.calendar_only = calendar_only
        self.problems: list[str] = []

    def type_of(self, node: Node) -> ItemType:
        if isinstance(node, Literal):
            return _literal_type(node)
        if isinstance(node, Reference):
            return self.reference(node)
        operands = [self.type_of(argument) for argument in node.arguments]
        if isinstance(node, Fact):
            return self.fact(node, operands)
        return self.call(node, operands)

    def refuse(self, words: str) -> ItemType:
        self.problems.append(words)
        return NO_KIND

    def reference(self, node: Reference) -> ItemType:
        item = self.names.item(node.item)
        if item is None:
            return self.refuse(f"“{node}”: the study has no item “{node.item}”")
        self.check_visit(node)
        if node.modifier not in {None, "value"}:
            return self.refuse(f"“{node}”: “:{node.modifier}” cannot be used; compare the code")
        if node.code is None:
            return item
        if item.kind is not Kind.CHOICES:
            return self.refuse(f"“{node}”: “{node.item}” is not a multiple choice, so has no boxes")
        if item.codes is not None and node.code not in item.codes:
            self.refuse(f"“{node}”: “{node.item}” has no code “{node.code}”")
        return ItemType(Kind.CHOICE, frozenset({"0", "1"}))

    def check_visit(self, node: Reference) -> None:
        if node.visit is None or node.visit.endswith("-name"):
            return
        if not self.names.has_visit(node.visit):
            self.refuse(f"“{node}”: the study has no visit “{node.visit}”")
        elif not self.names.is_asked_at(node.item, node.visit):
            self.refuse(f"“{node}”: “{node.item}” is not asked at the visit “{node.visit}”")

    def fact(self, node: Fact, operands: Sequence[ItemType]) -> ItemType:
        if node.name in {"today", "now"}:
            return ItemType(Kind.DATE if node.name == "today" else Kind.DATETIME)
        if node.name.startswith("site."):
            return self.site_attribute(node.name.removeprefix("site."))
        if node.name.startswith("allocation."):
            return self.allocation(node)
        if node.name == "consent.in_force":
            return self.consent(node, operands)
        if node.name == "cohort":
            return self.cohort()
        if node.name == "participant.status":
            return ItemType(Kind.TEXT)
        refusal = refusal_of(node.name)
        return self.refuse(refusal) if refusal else NO_KIND

    def site_attribute(self, name: str) -> ItemType:
        found = self.names.site_attribute(name)
        return found or self.refuse(f"“site.{name}”: sites have no attribute “{name}”")

    def cohort(self) -> ItemType:
        codes = self.names.cohorts()
        return ItemType(Kind.CHOICE, codes) if codes else self.refuse("The study has no cohorts")

    def allocation(self, node: Fact) -> ItemType:
        name = _get_quoted_text(node.arguments[0]) if node.arguments else None
        if node.arguments and name is None:
            return self.refuse("allocation(…) takes the name of a randomisation in quotes")
        arms = self.names.arms(name)
        if arms is None:
            which = f"no randomisation “{name}”" if name else "not exactly one randomisation"
            return self.refuse(f"“{show(node)}”: the study has {which}")
        return ItemType(Kind.DATE) if node.name.endswith("date") else ItemType(Kind.CHOICE, arms)

    def consent(self, node: Fact, operands: Sequence[ItemType]) -> ItemType:
        scope = _get_quoted_text(node.arguments[0])
        if scope is None or not self.names.has_consent_scope(scope):
            self.refuse(
                f"consent.in_force: the study has no consent scope {show(node.arguments[0])}"
            )
        self.operand(node.name, "d", node.arguments[1], operands[1])
        return ItemType(Kind.TRUTH)

    def call(self, node: Call, operands: Sequence[ItemType]) -> ItemType:
        if node.name in COMPARISONS:
            left, right = node.arguments
            self.problems += comparison_problems(node.name, left, operands[0], right, operands[1])
            return ItemType(Kind.TRUTH)
        if node.name == "datediff":
            self.check_datediff(node)
        if node.name not in MISSING_TESTS:
            self.operands(node, operands)
        if node.name == "if":
            return _common(node.arguments[1:], operands[1:])
        return ItemType((OPERATORS.get(node.name) or FUNCTIONS[node.name]).gives)

    def operands(self, node: Call, operands: Sequence[ItemType]) -> None:
        signature = OPERATORS.get(node.name) or FUNCTIONS[node.name]
        for position, (argument, found) in enumerate(zip(node.arguments, operands, strict=True)):
            self.operand(node.name, signature.letter(position), argument, found)

    def operand(self, name: str, letter: str, argument: Node, found: ItemType) -> None:
        problem = operand_problem(name, letter, argument, found)
        if problem:
            self.problems.append(problem)

    def check_datediff(self, node: Call) -> None:
        if self.calendar_only:
            self.refuse(f"datediff counts months of 30.44 days; here use {_CALENDAR}")
        unit = node.arguments[2]
        if isinstance(unit, Literal) and unit.value not in DATE_UNITS:
            self.refuse(
                f"datediff: {show(unit)} is no unit; use 'y', 'M' (months), 'd', 'h', 'm' (minutes)"
                " or 's'"
            )
        for option in node.arguments[3:]:
            if isinstance(option, Literal) and not _is_option(option.value):
                self.refuse(f"datediff: {show(option)} is neither a date format nor true or false")


def _is_option(value: float | str | bool) -> bool:
    return not isinstance(value, str) or value.lower() in DATE_FORMATS | {
        "",
        "true",
        "false",
        "signed",
        "1",
        "0",
    }


def _get_quoted_text(node: Node) -> str | None:
    return node.value if isinstance(node, Literal) and isinstance(node.value, str) else None


def _literal_type(node: Literal) -> ItemType:
    if isinstance(node.value, bool):
        return ItemType(Kind.TRUTH)
    return ItemType(Kind.TEXT if isinstance(node.value, str) else Kind.NUMBER)


def _common(branches: Sequence[Node], operands: Sequence[ItemType]) -> ItemType:
    """Return the type of `if`: that of its branches if they agree; a blank agrees with any."""
    there = {
        operand for branch, operand in zip(branches, operands, strict=True) if branch != Literal("")
    }
    if len(there) == 1:
        return there.pop()
    kinds = {operand.kind for operand in there}
    return ItemType(kinds.pop()) if len(kinds) == 1 else NO_KIND
