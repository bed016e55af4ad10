"""Who may see what is decided in capture/visibility; every action says there what it mentions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import capture.tables  # noqa: F401  (imports every fold, which registers its actions)
from capture.ledger.fold import APPLY
from capture.visibility import MENTIONS
from tests.house import tree

DECIDES = "capture/visibility/"
MARKS = {
    "hidden_from": "what an item hides",
    "arm_visibility": "who a study shows arms to",
    "masked": "who is masked",
    "ARM_VIEW": "which roles see arms",
}
"""What only the Viewer looks at, by the attribute it is read from."""
ASKS = {"may", "role", "role_for", "sites_for", "require"}
RIGHTS = {"DOSE_VIEW", "IDENTIFIERS_VIEW", "ARM_VIEW"}
"""A page may need one of these of its reader; whose role has it, only the Viewer asks."""
KEEPS_MEMBERSHIPS = "capture/accounts/"
"""Shows who is masked to who gives roles."""
SETS = "forms.blinding"
OF_RIGHTS = ("capture/access.py",)
"""The table of rights itself."""


def test_every_action_on_record_says_what_it_mentions() -> None:
    missing = sorted(APPLY.keys() - MENTIONS.keys())

    assert not missing, (
        f"{missing}: register each in the fold.py of its feature, with `mentions` of visibility, "
        "or with `mentions_nothing` where no act of it can tell an arm or a hidden value"
    )


def test_no_other_module_puts_together_who_may_see_what() -> None:
    found = [
        f"{module.path}:{line} looks at {what}"
        for module in tree.modules("capture")
        if not module.path.startswith(DECIDES) and module.path not in OF_RIGHTS
        for line, what in ways_round(module)
    ]

    assert found == [], "\n".join(
        [*found, "Ask a Viewer of capture.visibility instead, or give it the question it lacks."]
    )


def test_ways_round_the_viewer_are_seen() -> None:
    """The test above fails where one of the old ways is tried."""
    old_ways = [
        "from forms.blinding import arm_revealing",
        "from forms import blinding",
        "import forms.blinding",
        "hides = role in item.hidden_from",
        "seen_by = set(study.arm_visibility.visible_to)",
        "is_blind = any(grant.masked for grant in actor.grants)",
        "sees = grant.role in MAY[Action.ARM_VIEW]",
        "sees = actor.may(Action.ARM_VIEW, study)",
        "roles = MAY[Action.IDENTIFIERS_VIEW]",
        "hides = getattr(item, 'hidden_from')",
        "sees = actor.may(Action.IDENTIFIERS_VIEW, study, site)",
        "sites = actor.sites_for(Action.DOSE_VIEW, study)",
        "role = actor.role_for(Action.DOSE_VIEW, study)",
        "is_masked = holds_mask(actor, study)",
    ]

    seen = [
        [*ways_round(tree.Module("capture/home/some.py", 1, ast.parse(one)))] for one in old_ways
    ]

    assert [one for one, ways in zip(old_ways, seen, strict=True) if not ways] == []


def ways_round(module: tree.Module) -> Iterator[tuple[int, str]]:
    """Each line of a module that looks by itself at what the Viewer looks at, and at what."""
    for node in ast.walk(module.tree):
        for what in (_marked(node), _rights(node), _asks_for_a_right(node), _sets(node)):
            is_own = what == MARKS["masked"] and module.path.startswith(KEEPS_MEMBERSHIPS)
            if what is not None and not is_own:
                yield node.lineno, what  # type: ignore[attr-defined]


def _marked(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name) and node.id == "holds_mask":
        return MARKS["masked"]
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        return MARKS.get(node.attr)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        return next((MARKS[text] for text in texts if text in MARKS), None)
    return None


def _rights(node: ast.AST) -> str | None:
    """Whether the table of rights is looked up for a right to see."""
    if not isinstance(node, ast.Subscript) or "MAY" not in ast.dump(node.value):
        return None
    names = {part.attr for part in ast.walk(node.slice) if isinstance(part, ast.Attribute)}
    return "which roles may see something" if names & RIGHTS else None


def _asks_for_a_right(node: ast.AST) -> str | None:
    """Whether it is worked out by hand who has a right to see, or at which sites."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    names = {part.attr for part in node.args if isinstance(part, ast.Attribute)}
    asks = node.func.attr in ASKS and names & RIGHTS
    return "which roles may see something" if asks else None


def _sets(node: ast.AST) -> str | None:
    names: set[str] = set()
    if isinstance(node, ast.Import):
        names = {name.name for name in node.names}
    elif isinstance(node, ast.ImportFrom):
        names = {str(node.module), *(f"{node.module}.{name.name}" for name in node.names)}
    return "what would tell an arm or is hidden" if SETS in names else None
