"""How a module is written: pure engines, a sentence of purpose, docstrings where others call in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.house import tree

VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
NUMPY_MAY = "randomiser.simulation"  # never the live path


def imported(module: tree.Module) -> Iterator[str]:
    """The top-level packages that a module imports, wherever the import stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_randomiser_uses_the_standard_library_alone() -> None:
    own = {"randomiser", *sys.stdlib_module_names}
    foreign = [
        f"{module.path} imports {name}"
        for module in tree.modules("randomiser")
        for name in imported(module)
        if name not in own and not (name == "numpy" and module.name.startswith(NUMPY_MAY))
    ]

    assert foreign == []


def test_live_path_of_randomiser_loads_no_numpy() -> None:
    loaded = (
        "import sys, randomiser; "
        "print(*sorted({'numpy', 'randomiser.simulation'} & {*sys.modules}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )

    assert said.stdout.split() == [], "a real allocation never waits for, or needs, a simulation"


def test_verifier_stands_alone() -> None:
    verifier = next(m for m in tree.modules("randomiser") if m.path == "randomiser/verify.py")
    foreign = set(imported(verifier)) - set(sys.stdlib_module_names)

    assert foreign == set(), "randomiser/verify.py is run by strangers with Python and nothing else"


def test_engines_never_read_clock_or_chance() -> None:
    # The keyed stream is the only source of draws, and today is always an argument.
    read = [
        f"{module.path} imports {name}"
        for module in tree.modules("randomiser", "forms")
        for name in imported(module)
        if name in {"random", "secrets", "time"}
    ]

    assert read == []


def test_every_module_opens_with_its_purpose() -> None:
    silent = [
        module.path
        for module in tree.modules(*tree.PACKAGES, "tests", "migrations")
        if module.tree.body and not ast.get_docstring(module.tree)
    ]

    assert silent == [], "begin these modules with one sentence that says what they are for"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [
        module.path
        for module in tree.modules(*tree.PACKAGES, "tests", "migrations")
        if VAGUE & set(module.name.split("."))
    ]

    assert vague == [], "name the thing that is inside"


def test_public_functions_others_call_have_docstrings() -> None:
    silent = [
        f"{module.path}:{node.lineno} {node.name}"
        for module in tree.modules()
        if _is_called_from_outside(module)
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == [], "say what it takes, gives and raises"


def _is_called_from_outside(module: tree.Module) -> bool:
    parts = module.name.split(".")
    return parts[0] in {"randomiser", "forms"} or "service" in parts
