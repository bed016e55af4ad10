"""Draws expressions of every construct, with inputs that fit, do not fit, are blank or missing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forms.expressions import (
    Expression,
    Fact,
    Known,
    Missing,
    Reference,
    Value,
    facts,
    parse,
    references,
)
from forms.expressions.signatures import COMPARISONS, FUNCTIONS

INFIX = ("+", "-", "*", "/", "%", "^", "and", "or", *sorted(COMPARISONS))
CONSTRUCTS = (*INFIX, "neg", "not", *FUNCTIONS)
# Each reference form with %s for the item.
REFERENCE_FORMS = {
    "item": "[%s]",
    "visit": "[baseline][%s]",
    "event variable": "[previous-event-name][%s]",
    "instance": "[%s][2]",
    "instance variable": "[%s][last-instance]",
    "visit and instance": "[baseline][%s][3]",
    "modifier": "[%s:value]",
}
CODE_FORMS = {
    "code": "[boxes(1)]",
    "negative code": "[boxes(-9)]",
    "word code": "[boxes(not-done)]",
    "code at a visit": "[baseline][boxes(1)]",
}
RANGE_FORMS = {"range": "[n1..n3]", "range at a visit": "[baseline][t1..t3]"}
FACT_FORMS = {
    "today": "today",
    "now": "now",
    "smart variable": "[event-name]",
    "smart variable with parameter": "[form-name:demography]",
    "site": "site.country",
    "arm": "allocation.arm",
    "named arm": "allocation('duration').arm",
    "date of allocation": "allocation('duration').date",
    "cohort": "cohort",
    "status": "participant.status",
    "consent": "consent.in_force('main', %s)",
}
TODAY, NOW = "2026-03-01", "2026-03-01 10:30:05"
_NUMBERS: tuple[Known, ...] = (
    0.0, 1.0, -1.0, 2.0, 3.0, 0.1, 0.2, 2.5, -2.5, 1.005, 2.675, 1e21, 1e-7, 123456789.125, 36.6,
    12345678901.5, 1e308, 5e-324, 1 / 3, "1", "1.0", "007", "-0", "+4.", ".5", "2", "70", "1.725",
)  # fmt: skip
_TEXTS: tuple[Known, ...] = (
    "abc", "ABC", "Straße", "ΟΔΟΣ", "İstanbul", "e\u0301té", "🩺 heart 🫀", "\U00010000", "\uffff",
    " x ", "\u00a0tab\t", "1e5", "NaN", "1,5", "true", "it's", "a\nb", "gastric", "12 kg", "ÅÉÎ",
)  # fmt: skip
_DATES: tuple[Known, ...] = (
    "2024-02-29", "2008-02-29", "2026-02-28", "2026-03-01", "2024-01-31", "2023-12-31",
    "2024-02-30", "0001-01-01", "9999-12-31", "2024", "2024-02", "2024-13", "0000-01-01", "2026-03",
    "2024-03-31 02:30", "2026-03-01T10:30:06", "2024-05-05 23:59:59.75", "2024-05-05 24:00", "2026",
    "2023-10-29 01:30:00+01:00", "01-31-2024", "31/1/2024",
)  # fmt: skip
_LITERALS = {
    "n": ("0", "1", "2", "3", "-1", "10", "2.5", ".5", "0.1", "'4'", "1000000"),
    "t": ("'a'", "'b'", "'ß'", "'σ'", "'1'", "'-'", "'abc'", "''", "'🩺'", "'İ'"),
    "d": ("'today'", "'NOW'", "'2024-02-29'", "'2026-03'", "'2025'", "'2000-01-01 12:00'"),
    "c": ("true", "false", "1", "0"),
}
_MANY = tuple(name for name, signature in FUNCTIONS.items() if signature.many)
_SMALL = ("0", "1", "2", "3", "-2", "1.5", "12", "'2'", "[n1]")
_SPECIAL = {
    ("datediff", 2): ("'y'", "'M'", "'d'", "'h'", "'m'", "'s'", "'w'"),
    ("datediff", 3): ("'ymd'", "'mdy'", "'dmy'", "true", "false", "'true'", "1", "''"),
    ("datediff", 4): ("true", "false", "'false'", "0"),
    ("age_at_date", 2): ("true", "false", "1"),
    **{(name, 1): _SMALL for name in ("round", "roundup", "rounddown", "left", "right", "mid")},
    ("mid", 2): _SMALL,
}


@dataclass(frozen=True, slots=True)
class Case:
    """An expression with what its references and facts give."""

    tree: Expression
    values: dict[Reference, Value]
    facts: dict[str, Value]


@dataclass(frozen=True, slots=True)
class CaseScope:
    """Answers from a case; capture/static is given the same answers by expressions_driver.mjs."""

    case: Case

    def value(self, reference: Reference) -> Value:
        return self.case.values[reference]

    def now(self) -> str:
        return NOW

    def today(self) -> str:
        return TODAY

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        if name == "consent.in_force" and self.case.facts[name] is not None:
            return str(arguments[1]) >= "2024"
        return self.case.facts[name]


class Maker:
    """Draws texts of expressions; letters are the operand kinds of forms/expressions/signatures."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def call(self, name: str, operands: Sequence[str]) -> str:
        if name in INFIX:
            return "(" + f" {name} ".join(operands) + ")"
        if name == "neg":
            return f"(-{operands[0]})"
        return f"(not {operands[0]})" if name == "not" else f"{name}({', '.join(operands)})"

    def operands(self, name: str, depth: int) -> list[str]:
        if name in {"and", "or"}:
            letters = "c" * self.random.randint(2, 4)
        elif name in FUNCTIONS:
            letters = self.letters(name)
        else:
            letters = {"neg": "n", "not": "c"}.get(name) or self.pair(name)
        return [self.operand(name, place, letter, depth) for place, letter in enumerate(letters)]

    def pair(self, name: str) -> str:
        return self.random.choice(("nn", "tt", "dd")) if name in COMPARISONS else "nn"

    def letters(self, name: str) -> str:
        signature = FUNCTIONS[name]
        if signature.many:
            extra = signature.operands[-1] * self.random.randint(0, 3)
            return signature.operands + extra
        return signature.operands[: self.random.randint(signature.least, len(signature.operands))]

    def operand(self, name: str, place: int, letter: str, depth: int) -> str:
        if (name, place) in _SPECIAL and self.random.random() < 0.9:
            return self.random.choice(_SPECIAL[name, place])
        if letter == "s":  # a choice may have codes that are no numbers
            letter = self.random.choice("nnnt")
        if letter == "a" or self.random.random() < 0.06:
            letter = self.random.choice("ntdc")
        if depth > 0 and self.random.random() < 0.5:
            return self.nested(letter, depth - 1)
        if self.random.random() < 0.25:
            return self.random.choice(_LITERALS[letter])
        return self.reference(letter)

    def nested(self, letter: str, depth: int) -> str:
        names = {
            "n": ("+", "-", "*", "/", "%", "^", "neg", "round", "sum", "mean", "length", "if"),
            "t": ("left", "concat", "trim", "upper", "mid", "if", "replace_text"),
            "d": ("if", "left", "concat"),
            "c": ("=", "<>", "<", "<=", ">", ">=", "and", "or", "not", "contains", "isnumber"),
        }[letter]
        name = self.random.choice(names)
        return self.call(name, self.operands(name, depth))

    def reference(self, letter: str) -> str:
        if self.random.random() < 0.12:
            return self.fact(self.random.choice(tuple(FACT_FORMS)))
        if letter == "c" and self.random.random() < 0.7:
            return self.random.choice(tuple(CODE_FORMS.values()))
        form = self.random.choice(tuple(REFERENCE_FORMS.values()))
        return form % f"{'n' if letter == 'c' else letter}{self.random.randint(1, 3)}"

    def fact(self, form: str) -> str:
        text = FACT_FORMS[form]
        date = self.random.choice(("today", "'2023-12-31'", "'2024-06'", "[d1]"))
        return text % date if "%s" in text else text

    def case(self, text: str) -> Case:
        tree = parse(text)
        values = {reference: self.value_of(reference) for reference in references(tree)}
        return Case(tree, values, {fact.name: self.value_of(fact) for fact in facts(tree)})

    def value_of(self, source: Reference | Fact) -> Value:
        if isinstance(source, Reference) and source.item in {"blank", "missing"}:
            return None if source.item == "blank" else Missing("not_done")
        chance = self.random.random()
        if chance < 0.12:
            return None
        if chance < 0.2:
            return Missing(self.random.choice(("not_done", "not_known")))
        if isinstance(source, Reference) and source.code is not None:
            return self.random.choice(("0", "1", 1.0, True))
        letter = source.item[0] if isinstance(source, Reference) else "t"
        pool = {"n": _NUMBERS, "t": _TEXTS, "d": _DATES}[letter]
        return self.random.choice(pool if chance < 0.95 else _NUMBERS + _TEXTS + _DATES)


def draw_cases(seed: int, rounds: int) -> Iterator[Case]:
    """In each round every construct once plain, once with a blank and once with a missing operand,
    and every form of reference and fact once."""
    maker = Maker(seed)
    for _ in range(rounds):
        for name in CONSTRUCTS:
            yield maker.case(maker.call(name, maker.operands(name, 2)))
            for absent in ("[blank]", "[missing]"):
                operands = maker.operands(name, 1)
                operands[maker.random.randrange(len(operands))] = absent
                yield maker.case(maker.call(name, operands))
        for form in (*REFERENCE_FORMS.values(), *CODE_FORMS.values()):
            other = maker.operand("=", 1, "n", 1)
            reference = form % "n1" if "%s" in form else form
            yield maker.case(f"{reference} {maker.random.choice(INFIX)} {other}")
        for form in RANGE_FORMS.values():
            for name in _MANY:
                yield maker.case(maker.call(name, [*maker.operands(name, 1), form]))
        for form in FACT_FORMS:
            yield maker.case(f"if({maker.fact(form)} = 'abc', {maker.fact(form)}, [t1])")
