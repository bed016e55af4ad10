"""docs/roles.md from the role table itself; `python -m tests.house.roles_page` writes it anew."""

from __future__ import annotations

import capture.tables  # noqa: F401  (importing it fills the register of labels)
from capture.access import CONFLICTING, MAY, Role
from capture.ledger.action_labels import list_rights
from tests.house import tree

PAGE = "docs/roles.md"
HEAD = """\
# Rights of the roles

Made from `capture/access.py` by `python -m tests.house.roles_page`; a house test says when it is
old. The same table is the page `/roles` of the program.

A role reaches only as far as its study, its sites and its dates, and a study may narrow it further:
it says which roles are shown arms, and hides single items from roles. Whoever is *masked* is shown
no arm. Somebody with several roles may do what any of them may, and is shown nothing that one of
them may not know: masked in one role is masked in all, and what an item hides from one role is
hidden from the person ([why](decisions/0028-one-viewer-decides-who-sees-what.md)).

The administrator gives the roles of administrator and trial manager, in any study; a trial
manager gives all but administrator, in their own study. Nobody gives themselves a role. Who
leads some sites gives, ends and sees roles at those alone, and does nothing that concerns every
site: publish, approve, add a site, or decide about a randomisation's design and keys.
"""
TOGETHER = """
## What does not go together

One person cannot hold two of these in one study at the same time, be it at different
sites. Who was ever unblinded statistician of a study stays apart for good, and an administrator
holds no other role anywhere.
"""


def written() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_rights(), TOGETHER, *_apart()]) + "\n"


def _rights() -> list[str]:
    labels = " | ".join(role.label for role in Role)
    rows = [
        f"| {words} | " + " | ".join("yes" if role in MAY[action] else "" for role in Role) + " |"
        for action, words in list_rights()
    ]
    return [f"| right | {labels} |", "| --- |" + " --- |" * len(Role), *rows]


def _apart() -> list[str]:
    pairs: dict[Role, list[str]] = {}
    for one, other in CONFLICTING:
        if one is not Role.ADMINISTRATOR:
            pairs.setdefault(one, []).append(other.label)
    rows = [f"| {one.label} | {', '.join(others)} |" for one, others in pairs.items()]
    return ["| role | not together with |", "| --- | --- |", *rows]


if __name__ == "__main__":
    (tree.ROOT / PAGE).write_text(written(), encoding="utf-8")
