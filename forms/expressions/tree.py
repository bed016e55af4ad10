"""The tree of an expression (literals, references, facts, calls) and functions on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

OPERATORS = frozenset(
    {"or", "and", "not", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^", "neg"}
)
JsonTree: TypeAlias = "float | str | bool | list[JsonTree] | None"


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text ("" is blank) or a truth value written in the expression."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Reference:
    """The value of an item: `[visit][item(code):modifier][instance]`.

    visit:    a visit, an event variable such as `previous-event-name`, or None (this visit).
    code:     one choice of a multiple choice, or None.
    instance: a number as text, an instance variable such as `last-instance`, or None (this one).
    """

    item: str
    visit: str | None = None
    code: str | None = None
    instance: str | None = None
    modifier: str | None = None

    def __str__(self) -> str:
        """Return the reference as an author writes it."""
        visit = f"[{self.visit}]" if self.visit else ""
        code = f"({self.code})" if self.code is not None else ""
        modifier = f":{self.modifier}" if self.modifier else ""
        instance = f"[{self.instance}]" if self.instance else ""
        return f"{visit}[{self.item}{code}{modifier}]{instance}"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value other than an item: `site.country`, `today`, `[event-name]`."""

    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function with its operands; `and` and `or` take two or more."""

    name: str
    arguments: tuple[Node, ...]


Node: TypeAlias = Literal | Reference | Fact | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: the author's text and its tree."""

    text: str
    root: Node


def walk(tree: Expression) -> Iterator[Node]:
    """Yield every node of the tree, parents before children, left to right; not recursive."""
    waiting: list[Node] = [tree.root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def children(node: Node) -> Sequence[Node]:
    """Return the operands of a call or fact; none for a literal or reference."""
    return node.arguments if isinstance(node, Call | Fact) else ()


def depth(root: Node) -> int:
    """Return the largest number of calls nested in one another, at least 1."""
    deepest, level = 0, [root]
    while level:
        deepest += 1
        level = [child for node in level for child in children(node)]
    return deepest


def references(tree: Expression) -> tuple[Reference, ...]:
    """Return every reference to an item, each once, in the order written."""
    return tuple(dict.fromkeys(node for node in walk(tree) if isinstance(node, Reference)))


def facts(tree: Expression) -> tuple[Fact, ...]:
    """Every fact used (`site.country`, `allocation.arm`, `today`, `[event-name]`), each once."""
    return tuple(dict.fromkeys(node for node in walk(tree) if isinstance(node, Fact)))


def functions(tree: Expression) -> frozenset[str]:
    """Return the names of the functions called, in lower case; operators are not among them."""
    called = {node.name for node in walk(tree) if isinstance(node, Call)}
    return frozenset(called - OPERATORS)


def to_json(tree: Expression) -> JsonTree:
    """Return the tree as the browser evaluates it.

    A literal is itself; a call is [name, operand, …]; a fact is ["fact", name, argument, …]; a
    reference is ["ref", item, visit, code, instance, modifier] without trailing nulls.
    """
    return _json(tree.root)


def _json(node: Node) -> JsonTree:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Reference):
        return _json_reference(node)
    head: list[JsonTree] = ["fact", node.name] if isinstance(node, Fact) else [node.name]
    for argument in node.arguments:
        head.append(_json(argument))
    return head


def _json_reference(node: Reference) -> JsonTree:
    parts: list[JsonTree] = [
        "ref",
        node.item,
        node.visit,
        node.code,
        node.instance,
        node.modifier,
    ]
    while parts[-1] is None:
        parts.pop()
    return parts
