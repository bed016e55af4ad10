"""What an item type is and does stands in its own file in forms/items/; nobody else asks for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import get_args

import pytest

from forms.items import BaseItem, Item
from tests.house import tree

HOME = "forms/items/"
TYPES = get_args(get_args(Item)[0])
WORDS = {get_args(kind.model_fields["type"].annotation)[0] for kind in TYPES}
CLASSES = {
    cls.__name__
    for kind in TYPES
    for cls in kind.__mro__
    if cls.__module__.startswith("forms.items.")
}
OWN_MARKS = {mark for kind in TYPES for mark in kind.model_fields} - set(BaseItem.model_fields)
"""Marks that only some types have: asking whether an item has one is asking for its type."""


def asked_types(node: ast.AST) -> Iterator[int]:
    """The lines that decide by the type of an item."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _asks_by_call(part):
            yield part.lineno
        elif isinstance(part, ast.MatchClass) and _names(part.cls) & CLASSES:
            yield part.cls.lineno
        elif isinstance(part, ast.Compare) and _compares(part):
            yield part.lineno
        elif isinstance(part, ast.Match) and _is_type(part.subject):
            yield from (case.pattern.lineno for case in part.cases if _texts(case.pattern))


def _asks_by_call(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in ("isinstance", "issubclass"):
        return bool(_names(call.args[1]) & CLASSES)
    return name in ("getattr", "hasattr") and bool(_texts(call.args[1]) & OWN_MARKS)


def _compares(compare: ast.Compare) -> bool:
    sides = [compare.left, *compare.comparators]
    is_class = any(
        isinstance(side, ast.Call) and _names(side.func) == {"type"} for side in sides
    ) and any(_names(side) & CLASSES for side in sides)
    is_word = any(_is_type(side) for side in sides) and any(_texts(side) & WORDS for side in sides)
    return is_class or is_word


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "type"


def _names(node: ast.AST) -> set[str]:
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def _texts(node: ast.AST) -> set[str]:
    constants = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
    return {part.value for part in constants if isinstance(part.value, str)}


def test_nobody_outside_forms_items_decides_by_the_type_of_an_item() -> None:
    asking = [
        f"{module.path}:{line}"
        for module in tree.modules("capture", "forms")
        if not module.path.startswith(HOME)
        for line in asked_types(module.tree)
    ]

    assert asking == [], "give every type the answer, as a method of its class in forms/items/"


@pytest.mark.parametrize(
    "old_way",
    [
        "isinstance(item, DecimalNumber)",
        "isinstance(item, items.Integer | items.VisualAnalogue)",
        "isinstance(item, (Text, Notes))",
        "issubclass(kind, SingleChoice)",
        "type(item) is DateItem",
        "item.type == 'decimal'",
        "item.type in ('date', 'datetime')",
        "getattr(item, 'choices', ())",
        "match item:\n    case MultipleChoice():\n        pass",
        "match item.type:\n    case 'file':\n        pass",
    ],
)
def test_every_way_to_ask_for_the_type_is_found(old_way: str) -> None:
    assert list(asked_types(ast.parse(old_way)))


@pytest.mark.parametrize(
    "other", ["isinstance(cell.value, str)", "token.type == 'MEMBER'", "item.derivation is None"]
)
def test_other_questions_are_left_alone(other: str) -> None:
    assert not list(asked_types(ast.parse(other)))


def test_every_type_has_a_file_of_its_own() -> None:
    assert len({kind.__module__ for kind in TYPES}) == len(TYPES)


@pytest.mark.parametrize("kind", sorted({kind.browser_kind for kind in TYPES} - {"text"}))
def test_scripts_of_a_page_read_every_kind_of_value(kind: str) -> None:
    assert f'case "{kind}":' in tree.text("capture/static/item-values.js")
