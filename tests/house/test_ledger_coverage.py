"""Every action that changes trial state is in the role table, has its one fold and its words."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import capture.tables  # noqa: F401  (importing it fills the registers of folds and labels)
from capture.access import MAY, Action, Role
from capture.ledger.action_labels import ACTION_LABELS, label_actions
from capture.ledger.fold import APPLY
from tests.house import tree

LEDGERED = [action for action in Action if not action.value.endswith(".view")]


def test_every_act_has_a_fold() -> None:
    missing = [action.value for action in LEDGERED if action not in APPLY]

    assert missing == [], "register a pure function with @applies, or changes_nothing, in a fold.py"


def test_looking_is_never_folded() -> None:
    assert [action.value for action in APPLY if action not in LEDGERED] == []


def test_every_action_has_a_line_in_the_role_table() -> None:
    assert set(MAY) == set(Action)
    assert all(roles <= set(Role) for roles in MAY.values())


def test_actions_are_named_noun_dot_verb() -> None:
    wrong = [
        a.value for a in Action if not re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", a.value)
    ]

    assert wrong == []


# --- words ----------------------------------------------------------------------------------------


def test_every_action_of_the_ledger_has_its_words_and_no_two_the_same() -> None:
    silent = [
        action.value
        for action in LEDGERED
        if action not in ACTION_LABELS or not ACTION_LABELS[action].done
    ]
    said = Counter(ACTION_LABELS[action].done for action in LEDGERED if action in ACTION_LABELS)

    assert silent == [], "a line in the feature's action_labels.py says what it is called"
    assert [words for words, times in said.items() if times > 1] == []


def test_an_action_is_labelled_once() -> None:
    with pytest.raises(ValueError, match="labelled twice"):
        label_actions({Action.ENTRY_SAVE: ("Form saved", "Fill in and correct forms")})


def test_a_right_has_words_where_a_role_has_it_and_else_none() -> None:
    worded = {action for action, label in ACTION_LABELS.items() if label.right}

    assert worded == {action for action, roles in MAY.items() if roles}


def test_every_item_that_a_fold_reads_has_a_label_or_is_listed_as_not_shown() -> None:
    missing = {
        f"{action.value}: {name}"
        for action in LEDGERED
        if ACTION_LABELS[action].read_body is None
        for name in read_by(APPLY[action])
        if not is_known(action, name)
    }

    assert missing == set(), "label it in the feature's action_labels.py, or list it as not shown"


def test_every_item_that_a_service_records_has_a_label_or_is_listed_as_not_shown() -> None:
    missing = {
        f"{module.path}: {name}"
        for module in tree.modules("capture")
        if "capture.ledger.service import" in source_of(module)
        for name in recorded_by(module)
        if not any(is_known(action, name) for action in named_in(module))
    }

    assert missing == set(), "label it in the feature's action_labels.py, or list it as not shown"


def is_known(action: Action, name: str) -> bool:
    label = ACTION_LABELS[action]
    return name in label.items or name in label.not_shown


def read_by(function: Callable[..., Any]) -> set[str]:
    """The items of a body that a fold reads, and those it calls with the fact."""
    body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    found = set()
    for node in ast.walk(body):
        if isinstance(node, ast.Call):
            found |= set(_asked_for(node))
            called = function.__globals__.get(getattr(node.func, "id", ""))
            if inspect.isfunction(called) and "fact" in map(_name, node.args):
                found |= read_by(called)
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "fact.body":
            found |= set(_text(node.slice))
        elif isinstance(node, ast.DictComp | ast.GeneratorExp | ast.ListComp):
            found |= set(_listed(node, function, body))
    return found


def _asked_for(call: ast.Call) -> Iterator[str]:
    if ast.unparse(call.func) == "fact.new" and call.args:
        yield from _text(call.args[0])


def _listed(
    node: ast.DictComp | ast.GeneratorExp | ast.ListComp,
    function: Callable[..., Any],
    body: ast.AST,
) -> Iterator[str]:
    """The names of `fact.new(name) for name in NAMES`."""
    loop = node.generators[0]
    if f"fact.new({ast.unparse(loop.target)})" not in ast.unparse(node):
        return
    local = {
        ast.unparse(assigned.targets[0]): ast.literal_eval(assigned.value)
        for assigned in ast.walk(body)
        if isinstance(assigned, ast.Assign) and isinstance(assigned.value, ast.Tuple)
    }
    names = eval(ast.unparse(loop.iter), function.__globals__, local)  # noqa: S307  (our own code)
    yield from names


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def recorded_by(module: tree.Module) -> Iterator[str]:
    """The items of the bodies that a module writes down."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg in ("body", "concealed"):
            yield from _keys(node.value)
        elif isinstance(node, ast.Assign):
            yield from _assigned(node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.FunctionDef) and node.name.endswith("_body"):
            returned = (part.value for part in ast.walk(node) if isinstance(part, ast.Return))
            yield from (name for value in returned if value for name in _keys(value))


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[str]:
    """The items of `body = {...}` and of `body["..."] = ...`."""
    if _name(target) == "body":
        yield from _keys(value)
    elif isinstance(target, ast.Subscript) and _name(target.value) == "body":
        yield from _text(target.slice)


def _keys(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for key in node.keys:
            if key is not None:
                yield from _text(key)


def source_of(module: tree.Module) -> str:
    return (tree.ROOT / module.path).read_text(encoding="utf-8")


def named_in(module: tree.Module) -> list[Action]:
    """The actions that a module names; all of them where it names none."""
    names = set(re.findall(r"\bAction\.([A-Z_]+)", source_of(module)))
    return [action for action in LEDGERED if action.name in names] or LEDGERED
