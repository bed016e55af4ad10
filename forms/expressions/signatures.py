"""The functions of the language: number and kinds of their operands, and kind of the result."""

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
        """Return whether the function may be called with so many operands."""
        return self.least <= count and (self.many or count <= len(self.operands))

    def letter(self, position: int) -> str:
        """Return the kind of the operand at a position counted from 0."""
        return self.operands[min(position, len(self.operands) - 1)]

    def count_words(self) -> str:
        """Return how many operands are wanted, e.g. “1 or 2 values”."""
        if self.many:
            return f"at least {self.least} value{'s' if self.least > 1 else ''}"
        counts = [str(count) for count in range(self.least, len(self.operands) + 1)]
        return f"{' or '.join(counts)} value{'s' if counts != ['1'] else ''}"


def _make_signature(operands: str, gives: Kind, least: int | None = None) -> Signature:
    return Signature(operands, gives, len(operands) if least is None else least)


def _many(operands: str, gives: Kind) -> Signature:
    return Signature(operands, gives, len(operands), many=True)


OPERATORS = {
    "+": _make_signature("nn", Kind.NUMBER),
    "-": _make_signature("nn", Kind.NUMBER),
    "*": _make_signature("nn", Kind.NUMBER),
    "/": _make_signature("nn", Kind.NUMBER),
    "%": _make_signature("nn", Kind.NUMBER),
    "^": _make_signature("nn", Kind.NUMBER),
    "neg": _make_signature("n", Kind.NUMBER),
    "not": _make_signature("c", Kind.TRUTH),
    "and": _many("cc", Kind.TRUTH),
    "or": _many("cc", Kind.TRUTH),
}
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
STATISTICS = frozenset({"sum", "mean", "median", "min", "max", "stdev"})
MISSING_TESTS = frozenset(
    {"isblankormissingcode", "isblanknotmissingcode", "ismissingcode", "hasmissingcode"}
)

FUNCTIONS = {
    "if": _make_signature("caa", Kind.ANY),
    "round": _make_signature("nn", Kind.NUMBER, 1),
    "roundup": _make_signature("nn", Kind.NUMBER, 1),
    "rounddown": _make_signature("nn", Kind.NUMBER, 1),
    "sqrt": _make_signature("n", Kind.NUMBER),
    "abs": _make_signature("n", Kind.NUMBER),
    "exponential": _make_signature("n", Kind.NUMBER),
    "log": _make_signature("nn", Kind.NUMBER, 1),
    "mod": _make_signature("nn", Kind.NUMBER),
    **{name: _many("s", Kind.NUMBER) for name in sorted(STATISTICS)},
    "count_numbers": _many("s", Kind.NUMBER),
    "isnumber": _make_signature("a", Kind.TRUTH),
    "isinteger": _make_signature("a", Kind.TRUTH),
    "isblankormissingcode": _make_signature("a", Kind.TRUTH),
    "isblanknotmissingcode": _make_signature("a", Kind.TRUTH),
    "ismissingcode": _make_signature("a", Kind.TRUTH),
    "hasmissingcode": _many("a", Kind.TRUTH),
    "contains": _make_signature("tt", Kind.TRUTH),
    "not_contain": _make_signature("tt", Kind.TRUTH),
    "starts_with": _make_signature("tt", Kind.TRUTH),
    "ends_with": _make_signature("tt", Kind.TRUTH),
    "find": _make_signature("tt", Kind.NUMBER),
    "length": _make_signature("t", Kind.NUMBER),
    "left": _make_signature("tn", Kind.ANY),
    "right": _make_signature("tn", Kind.ANY),
    "mid": _make_signature("tnn", Kind.ANY),
    "trim": _make_signature("t", Kind.ANY),
    "upper": _make_signature("t", Kind.TEXT),
    "lower": _make_signature("t", Kind.TEXT),
    "concat": _many("t", Kind.ANY),
    "concat_ws": _many("tt", Kind.ANY),
    "replace_text": _make_signature("ttt", Kind.ANY),
    "datediff": _make_signature("ddtaa", Kind.NUMBER, 3),
    "age_at_date": _make_signature("dda", Kind.NUMBER, 2),
    "age_years": _make_signature("dd", Kind.NUMBER),
    "age_months": _make_signature("dd", Kind.NUMBER),
    "months_between": _make_signature("dd", Kind.NUMBER),
    "days_from": _make_signature("dd", Kind.NUMBER),
    "dayoftheweek": _make_signature("d", Kind.NUMBER),
    "year": _make_signature("d", Kind.NUMBER),
    "month": _make_signature("d", Kind.NUMBER),
    "day": _make_signature("d", Kind.NUMBER),
}
