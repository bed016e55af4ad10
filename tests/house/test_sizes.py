"""Hard limits of size: what has grown past them has rooms hidden inside."""

from __future__ import annotations

from tests.house import tree

FUNCTION_LINES = 50
MODULE_LINES = 400
VIEW_LINES = 30
VERIFIER = (
    "randomiser/verify.py"  # one file on purpose, so that a stranger can read and run it alone
)
VERIFIER_LINES = 700  # decision 0025


def test_functions_have_at_most_50_lines() -> None:
    long = [
        f"{function.place}: {function.lines} lines"
        for function in tree.functions(*tree.PACKAGES, "tests")
        if function.lines > FUNCTION_LINES
    ]

    assert long == [], f"split these functions ({FUNCTION_LINES} lines at most)"


def test_modules_have_at_most_400_lines() -> None:
    long = [
        f"{module.path}: {module.lines} lines"
        for module in tree.modules()
        if module.lines > (VERIFIER_LINES if module.path == VERIFIER else MODULE_LINES)
    ]

    assert long == [], (
        f"split these modules by the rooms inside them ({MODULE_LINES} lines at most)"
    )


def test_scripts_and_styles_have_at_most_400_lines() -> None:
    names = [*tree.under("capture", suffix=".js"), *tree.under("capture", suffix=".css")]
    long = [name for name in names if len(tree.text(name).splitlines()) > MODULE_LINES]

    assert long == [], f"split these files by the rooms inside them ({MODULE_LINES} lines at most)"


def test_views_have_at_most_30_lines() -> None:
    long = [
        f"{function.place}: {function.lines} lines"
        for function in tree.functions("capture")
        if "/views" in function.module.path and function.lines > VIEW_LINES
    ]

    assert long == [], "a view reads the request, calls one service, answers: move the rest there"
