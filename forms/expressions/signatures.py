"""The functions of the language: how many operands each takes, of which kind, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from forms.expressions.names import Kind


@dataclass(frozen=True, slots=True)
class Signature:
    """Kinds of the operands, one letter each: n number, s number or a choice with some codes that
    are numbers, t text, d date, c condition, a any value.

    The last letter repeats when `many`; operands after the first `least` may be left out.
    """

    operands: str
    gives: Kind
    least: int
    many: bool = False

    def accepts(self, count: int) -> bool:
        """Whether the function may be called with so many operands."""
        return self.least <= count and (self.many or count <= len(self.operands))

    def letter(self, position: int) -> str:
        """The kind of the operand at a position counted from 0."""
        return self.operands[min(position, len(self.operands) - 1)]

    def count_words(self) -> str:
        """How many operands are wanted, e.g. “1 or 2 values”."""
        if self.many:
            return f"at least {self.least} value{'s' if self.least > 1 else ''}"
        counts = [str(count) for count in range(self.least, len(self.operands) + 1)]
        return f"{' or '.join(counts)} value{'s' if counts != ['1'] else ''}"


def _fixed(operands: str, gives: Kind, least: int | None = None) -> Signature:
    return Signature(operands, gives, len(operands) if least is None else least)


def _many(operands: str, gives: Kind) -> Signature:
    return Signature(operands, gives, len(operands), many=True)


OPERATORS = {
    "+": _fixed("nn", Kind.NUMBER),
    "-": _fixed("nn", Kind.NUMBER),
    "*": _fixed("nn", Kind.NUMBER),
    "/": _fixed("nn", Kind.NUMBER),
    "%": _fixed("nn", Kind.NUMBER),
    "^": _fixed("nn", Kind.NUMBER),
    "neg": _fixed("n", Kind.NUMBER),
    "not": _fixed("c", Kind.TRUTH),
    "and": _many("cc", Kind.TRUTH),
    "or": _many("cc", Kind.TRUTH),
}
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
STATISTICS = frozenset({"sum", "mean", "median", "min", "max", "stdev"})
MISSING_TESTS = frozenset(
    {"isblankormissingcode", "isblanknotmissingcode", "ismissingcode", "hasmissingcode"}
)

FUNCTIONS = {
    "if": _fixed("caa", Kind.ANY),
    "round": _fixed("nn", Kind.NUMBER, 1),
    "roundup": _fixed("nn", Kind.NUMBER, 1),
    "rounddown": _fixed("nn", Kind.NUMBER, 1),
    "sqrt": _fixed("n", Kind.NUMBER),
    "abs": _fixed("n", Kind.NUMBER),
    "exponential": _fixed("n", Kind.NUMBER),
    "log": _fixed("nn", Kind.NUMBER, 1),
    "mod": _fixed("nn", Kind.NUMBER),
    **{name: _many("s", Kind.NUMBER) for name in sorted(STATISTICS)},
    "count_numbers": _many("s", Kind.NUMBER),
    "isnumber": _fixed("a", Kind.TRUTH),
    "isinteger": _fixed("a", Kind.TRUTH),
    "isblankormissingcode": _fixed("a", Kind.TRUTH),
    "isblanknotmissingcode": _fixed("a", Kind.TRUTH),
    "ismissingcode": _fixed("a", Kind.TRUTH),
    "hasmissingcode": _many("a", Kind.TRUTH),
    "contains": _fixed("tt", Kind.TRUTH),
    "not_contain": _fixed("tt", Kind.TRUTH),
    "starts_with": _fixed("tt", Kind.TRUTH),
    "ends_with": _fixed("tt", Kind.TRUTH),
    "find": _fixed("tt", Kind.NUMBER),
    "length": _fixed("t", Kind.NUMBER),
    "left": _fixed("tn", Kind.ANY),
    "right": _fixed("tn", Kind.ANY),
    "mid": _fixed("tnn", Kind.ANY),
    "trim": _fixed("t", Kind.ANY),
    "upper": _fixed("t", Kind.TEXT),
    "lower": _fixed("t", Kind.TEXT),
    "concat": _many("t", Kind.ANY),
    "concat_ws": _many("tt", Kind.ANY),
    "replace_text": _fixed("ttt", Kind.ANY),
    "datediff": _fixed("ddtaa", Kind.NUMBER, 3),
    "age_at_date": _fixed("dda", Kind.NUMBER, 2),
    "age_years": _fixed("dd", Kind.NUMBER),
    "age_months": _fixed("dd", Kind.NUMBER),
    "months_between": _fixed("dd", Kind.NUMBER),
    "days_from": _fixed("dd", Kind.NUMBER),
    "dayoftheweek": _fixed("d", Kind.NUMBER),
    "year": _fixed("d", Kind.NUMBER),
    "month": _fixed("d", Kind.NUMBER),
    "day": _fixed("d", Kind.NUMBER),
}
