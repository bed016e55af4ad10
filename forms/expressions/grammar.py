"""The parser of expressions; its errors say what is wrong and where."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from forms.expressions.brackets import BracketProblem, read_chain, read_range
from forms.expressions.problems import ExpressionProblem
from forms.expressions.signatures import FUNCTIONS
from forms.expressions.tree import Call, Expression, Fact, Literal, Node, depth

MAX_LENGTH = 65_536
MAX_DEPTH = 200

_GRAMMAR = r"""
?start: or_
?or_: and_ (_OR and_)*
?and_: not_ (_AND not_)*
?not_: _NOT not_ -> negation
     | comparison
?comparison: addition (COMPARE addition)*
?addition: product (SIGN product)*
?product: unary (TIMES unary)*
?unary: SIGN unary -> make_signed
      | power
?power: atom (POWER unary)?
?atom: NUMBER -> number
     | STRING -> text
     | TRUTH -> truth
     | BRACKET+ -> chain
     | NAME -> word
     | NAME "(" (_operand ("," _operand)*)? ")" MEMBER? -> call
     | "(" or_ ")"
_operand: or_ | range
range: BRACKET* RANGE
_OR.3: /or\b|\|\|/i
_AND.3: /and\b|&&/i
_NOT.3: /not\b|!(?!=)/i
TRUTH.3: /(true|false)\b/i
NAME: /[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*/
MEMBER: /\.[A-Za-z_][A-Za-z0-9_]*/
NUMBER: /[0-9]+(\.[0-9]*)?|\.[0-9]+/
STRING: /"(\\[\s\S]|[^"\\])*"|'(\\[\s\S]|[^'\\])*'/
      | /[“”„‟](\\[\s\S]|[^“”„‟"\\])*[“”„‟"]|[‘’‚‛](\\[\s\S]|[^‘’‚‛'\\])*[‘’‚‛']/
BRACKET: /\[[^\[\]]*\]/
RANGE.2: /\[[^\[\]()]*\.\.[^\[\]()]*\]/
COMPARE: /<>|!=|<=|>=|=>|==|=|<|>/
SIGN: /[+-]/
TIMES: /[*\/%]/
POWER: "^"
COMMENT.4: /^[ \t]*(\/\/|#)[^\n]*/m
BREAK: /[\r\n]/
SPACE: /[ \t\f\v\u00a0\u2009\u200b\u202f\ufeff]+/
%ignore COMMENT
%ignore BREAK
%ignore SPACE
"""
_SAME = {"==": "=", "!=": "<>", "=>": ">="}
_ESCAPES = {"n": "\n", "t": "\t"}
_BARE_FACTS = frozenset({"today", "now", "cohort", "participant.status"})
_ALLOCATION = frozenset({"allocation.arm", "allocation.date"})


def parse(text: str) -> Expression:
    """Return the parsed expression; the text has at most 64 kB and 200 levels.

    Raises ExpressionProblem, whose words say what is wrong, with line and column.
    Source: the grammar in docs/expressions.md.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_LENGTH:
        raise ExpressionProblem("The expression is longer than 64 kB; split it into items", 1)
    try:
        root = _read(text)
    except UnexpectedInput as problem:
        _explain(text, problem)
    if depth(root) > MAX_DEPTH:
        raise ExpressionProblem(
            f"The expression is nested more than {MAX_DEPTH} levels deep; split it into items", 1
        )
    return Expression(text, root)


class _Builder(Transformer[Token, Any]):
    """Builds the nodes bottom up while lark parses, so that depth needs no recursion."""

    def or_(self, operands: list[Node]) -> Node:
        return Call("or", tuple(operands))

    def and_(self, operands: list[Node]) -> Node:
        return Call("and", tuple(operands))

    def negation(self, operands: list[Node]) -> Node:
        return Call("not", tuple(operands))

    def comparison(self, parts: list[Any]) -> Node:
        return _fold(parts)

    def addition(self, parts: list[Any]) -> Node:
        return _fold(parts)

    def product(self, parts: list[Any]) -> Node:
        return _fold(parts)

    def power(self, parts: list[Any]) -> Node:
        return _fold(parts)

    def make_signed(self, parts: list[Any]) -> Node:
        sign, operand = parts
        return Call("neg", (operand,)) if sign == "-" else operand

    def number(self, parts: list[Token]) -> Node:
        value = float(parts[0])
        if value == float("inf"):
            raise _problem(parts[0], "This number is too large")
        return Literal(value)

    def text(self, parts: list[Token]) -> Node:
        value = _unescape(parts[0][1:-1])
        return Literal("" if value == "NaN" else value)

    def truth(self, parts: list[Token]) -> Node:
        return Literal(parts[0].lower() == "true")

    def chain(self, parts: list[Token]) -> Node:
        try:
            return read_chain(parts)
        except BracketProblem as problem:
            raise _problem(parts[problem.place], problem.words) from None

    def range(self, parts: list[Token]) -> tuple[Node, ...]:
        try:
            return read_range(parts)
        except BracketProblem as problem:
            raise _problem(parts[problem.place], problem.words) from None

    def word(self, parts: list[Token]) -> Node:
        name = parts[0].lower()
        if name == "nan":
            return Literal("")
        if name in _BARE_FACTS | _ALLOCATION or _is_site_attribute(name):
            return Fact(name)
        raise _problem(parts[0], _unknown_word(parts[0]))

    def call(self, parts: list[Any]) -> Node:
        member = parts.pop() if isinstance(parts[-1], Token) and parts[-1].type == "MEMBER" else ""
        token, *written = parts
        operands = [
            node for part in written for node in (part if isinstance(part, tuple) else [part])
        ]
        name = f"{token}{member}".lower()
        if member or name == "consent.in_force":
            return _fact_call(token, name, operands)
        return _function(token, name, operands)


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", transformer=_Builder(), maybe_placeholders=False)


def _read(text: str) -> Node:
    root: Node = _parser().parse(text)  # type: ignore[assignment]  # the transformer makes nodes
    return root


def _fold(parts: list[Any]) -> Node:
    node: Node = parts[0]
    for sign, operand in zip(parts[1::2], parts[2::2], strict=True):
        node = Call(_SAME.get(str(sign), str(sign)), (node, operand))
    return node


def _function(token: Token, name: str, operands: list[Node]) -> Node:
    signature = FUNCTIONS.get(name)
    if signature is None:
        raise _problem(token, f"There is no function “{token}”")
    if not signature.accepts(len(operands)):
        raise _problem(
            token, f"“{token}” takes {signature.count_words()}, here it has {len(operands)}"
        )
    return Call(name, tuple(operands))


def _fact_call(token: Token, name: str, operands: list[Node]) -> Node:
    if name in _ALLOCATION and len(operands) == 1:
        return Fact(name, tuple(operands))
    if name == "consent.in_force" and len(operands) == 2:
        return Fact(name, tuple(operands))
    raise _problem(
        token,
        "Write allocation('randomisation').arm, allocation('randomisation').date"
        " or consent.in_force('scope', date)",
    )


def _is_site_attribute(name: str) -> bool:
    return name.startswith("site.") and name.count(".") == 1


def _unknown_word(word: str) -> str:
    if "." in word:
        return (
            f"“{word}” is not known; known are site.…, allocation.arm, allocation.date,"
            " consent.in_force('scope', date), participant.status and cohort"
        )
    return f"“{word}” is not known: an item stands in square brackets, a text in quotes"


def _unescape(inner: str) -> str:
    return re.sub(r"\\([\s\S])", lambda match: _ESCAPES.get(match[1], match[1]), inner)


def _problem(token: Token, words: str) -> ExpressionProblem:
    return ExpressionProblem(words, token.column or 1, token.line or 1)


def _explain(text: str, problem: UnexpectedInput) -> NoReturn:
    if not text.strip():
        raise ExpressionProblem("The expression is empty", 1) from None
    words = "The expression cannot be read here"
    if isinstance(problem, UnexpectedCharacters):
        words = _explain_character(problem.char)
    elif isinstance(problem, UnexpectedToken):
        words = _explain_token(text, problem.token)
    raise ExpressionProblem(words, max(problem.column, 1), max(problem.line, 1)) from None


def _explain_character(character: str) -> str:
    if character == "$":
        return "This is jQuery, a browser script: it is never run; write the rule as an expression"
    if character in "\"'“”„‟‘’‚‛":
        return f"The text that starts with {character} here has no closing quote"
    if character in "[]":
        return f"This “{character}” has no partner, or square brackets stand inside one another"
    shown = f"“{character}”" if character.isprintable() else f"The sign U+{ord(character):04X}"
    return f"{shown} means nothing here"


def _explain_token(text: str, token: Token) -> str:
    if token.type != "$END":
        return f"“{token}” does not belong here; an operator or a closing bracket may be missing"
    if text.count("(") > text.count(")"):
        return "The expression ends, but a “(” is not closed"
    return "The expression ends too early; something must follow its last word"
