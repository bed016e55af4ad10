"""Who may see what is decided in capture/visibility; every action says there what it mentions."""

from __future__ import annotations

import capture.tables  # noqa: F401  (imports every fold, which registers its actions)
from capture.ledger.fold import APPLY
from capture.visibility import MENTIONS


def test_every_action_on_record_says_what_it_mentions() -> None:
    missing = sorted(APPLY.keys() - MENTIONS.keys())

    assert not missing, (
        f"{missing}: register each in the fold.py of its feature, with `mentions` of visibility, "
        "or with `mentions_nothing` where no act of it can tell an arm or a hidden value"
    )
