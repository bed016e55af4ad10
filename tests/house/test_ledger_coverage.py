"""Every act that changes trial state is in the role table and has its one fold."""

from __future__ import annotations

import re

import capture.tables  # noqa: F401  (importing it fills the register of folds)
from capture.access import MAY, Action, Role
from capture.ledger.fold import APPLY

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
