"""docs/roles.md says what the role table says."""

from __future__ import annotations

from tests.house import roles_page, tree


def test_page_of_rights_is_current() -> None:
    assert tree.text(roles_page.PAGE) == roles_page.written(), (
        "write it anew: .venv/bin/python -m tests.house.roles_page"
    )
