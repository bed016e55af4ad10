"""Forms of acts are made in one way: what a feature may no longer do by itself."""

from __future__ import annotations

import ast
import re

from tests.house import tree

SESSIONS = ("accounts/sign_in.html", "accounts/locked.html")
"""Pages of the session itself: nothing is signed in or unlocked yet, and no act is done."""
TOOLKIT = "capture/web/act_pages.py"


def test_the_password_of_an_act_is_asked_for_by_its_form() -> None:
    found = [
        name
        for name in tree.under("capture", suffix=".html")
        if re.search(r"\{\{ field_password\(", tree.text(name)) and not name.endswith(SESSIONS)
    ]

    assert found == [], "give the form a PasswordBox and draw it with act_form"


def test_only_the_toolkit_tells_perform_which_control_holds_the_password() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in tree.modules("capture")
        if module.path != TOOLKIT
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "perform"
        and any(keyword.arg == "password" for keyword in node.keywords)
    ]

    assert found == [], "use do_act: it finds the form's PasswordBox by itself"


def test_only_the_toolkit_makes_validators_of_blank_answers() -> None:
    found = [
        module.path
        for module in tree.modules("capture")
        if module.path.endswith(("forms.py", "act_pages.py")) and "views" in module.path
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and node.id in ("DataRequired", "InputRequired")
    ]

    assert found == [], "say required= to a control of capture/act_forms.py"
