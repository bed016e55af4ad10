"""An allocation method is asked, never recognised: what it does stands in its own file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from randomiser import METHODS
from tests.house import tree

OWN_FILES = ("randomiser/methods/", "randomiser/verify.py")
OTHER_METHODS = ("randomiser/dose_finding/", "randomiser/simulation/dose_", "capture/dose_finding/")
"""Dose finding, whose methods are others."""


def constants(node: ast.AST) -> set[str]:
    """The names of methods that an expression spells out, alone or in a listing."""
    return {
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant)
        and isinstance(inner.value, str)
        and inner.value in METHODS
    }


def is_listing(node: ast.AST | None) -> bool:
    """Whether a value is a method's name, or a listing of nothing but methods' names."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return is_listing(node.args[0])  # frozenset({...}), tuple([...])
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        return bool(node.elts) and all(is_listing(element) for element in node.elts)
    return isinstance(node, ast.Constant) and node.value in METHODS


def listings(modules: list[tree.Module]) -> set[str]:
    """The names under which modules keep such values."""
    return {
        target.id
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and is_listing(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def is_known_by(node: ast.AST, kept: set[str]) -> bool:
    """Whether one side of a comparison is a method's name, or a value kept under a name."""
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    names |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return bool(constants(node) or names & kept)


def comparisons(module: tree.Module, kept: set[str]) -> Iterator[int]:
    """The lines on which a module compares something with a method's name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            if any(is_known_by(side, kept) for side in (node.left, *node.comparators)):
                yield node.lineno
        elif isinstance(node, ast.MatchValue | ast.MatchMapping) and constants(node):
            yield node.lineno


def test_no_method_is_told_by_its_name() -> None:
    modules = [
        module
        for module in tree.modules()
        if not module.path.startswith((*OWN_FILES, *OTHER_METHODS))
    ]
    kept = listings(modules)
    told = [f"{module.path}:{line}" for module in modules for line in comparisons(module, kept)]

    assert told == [], "ask the method (randomiser/method.py), or keep a table from names to parts"


def test_the_old_ways_of_telling_a_method_are_found() -> None:
    for written in (
        "if design.method == 'big_stick': pass",
        "if method in {'minimisation', 'hu_hu'}: pass",
        "FIXED = frozenset({'uploaded_list'})\nfixed = study.method in FIXED",
        "METHOD = 'uploaded_list'\nif randomisation.method != METHOD: pass",
        "match method:\n    case 'simple': pass",
    ):
        module = tree.Module("capture/sample.py", 1, ast.parse(written))
        assert [*comparisons(module, listings([module]))], written
