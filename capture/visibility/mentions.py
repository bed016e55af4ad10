"""What each recorded action mentions, so that it is not shown to those who may not know of it.

A feature registers its actions beside their folds. An action without a registration is shown only
to who is kept from nothing; a house test finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from capture.access import Action
from capture.ledger.fold import LedgerRow

ITEM = "item:"
"""How the body of a save names the items of its instrument."""


@dataclass(frozen=True)
class Mention:
    """What an action is about. If any of it is withheld, the action is not shown.

    visits: kinds of visit; visit_ids: the same by id. tells_group: the action reveals an arm or a
    cohort; tells_level: a dose level. parts: for an action with several parts, one part that may
    be shown is enough for the action to be shown.
    """

    visits: frozenset[str] = frozenset()
    visit_ids: frozenset[str] = frozenset()
    instruments: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    tells_group: bool = False
    tells_level: bool = False
    parts: tuple[Mention, ...] = ()


Mentioning: TypeAlias = Callable[[LedgerRow], Mention]
MENTIONS: dict[Action, Mentioning] = {}
"""What each action mentions; filled by each feature's fold.py when it is imported."""


def mentions(*actions: Action) -> Callable[[Mentioning], Mentioning]:
    """Register a function that says what rows of some actions mention."""

    def register(function: Mentioning) -> Mentioning:
        for action in actions:
            if action in MENTIONS:
                raise ValueError(f"{action} is registered twice")
            MENTIONS[action] = function
        return function

    return register


def mentions_nothing(*actions: Action) -> None:
    """Register actions that are always shown; only values in them may be withheld."""
    mentions(*actions)(lambda _fact: Mention())


def usual_mention(fact: LedgerRow) -> Mention:
    """The visit, form, item and dated events that a body names under the usual keys."""
    return Mention(
        visits=_find_named(fact, "visit_slug"),
        visit_ids=_find_named(fact, "visit"),
        instruments=_find_named(fact, "instrument"),
        items=_find_named(fact, "item"),
        events=frozenset(row["kind"] for row in list_body_rows(fact.new("events"))),
    )


def mention_of_answers(fact: LedgerRow) -> Mention:
    """The usual mention, with each changed answer as a part."""
    changed = [name.removeprefix(ITEM) for name in fact.body if name.startswith(ITEM)]
    parts = tuple(Mention(items=frozenset({name})) for name in changed)
    return replace(usual_mention(fact), parts=parts)


def list_body_rows(value: Any) -> list[dict[str, Any]]:
    """The rows in a value of a body; none where it is something else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _find_named(fact: LedgerRow, key: str) -> frozenset[str]:
    value = fact.new(key)
    return frozenset({value}) if isinstance(value, str) else frozenset()


# What is done below this feature is about people's accounts, the study and its sites.
mentions_nothing(
    Action.ACCESS_DENY,
    Action.USER_CREATE,
    Action.ACCOUNT_CLOSE,
    Action.ACCOUNT_REOPEN,
    Action.USER_SET_PASSWORD,
    Action.USER_RESET_PASSWORD,
    Action.USER_SIGN_IN,
    Action.USER_FAIL_SIGN_IN,
    Action.USER_SIGN_OUT,
    Action.SESSION_REVOKE,
    Action.SESSION_LOCK,
    Action.SESSION_UNLOCK,
    Action.ROLE_ASSIGN,
    Action.ROLE_REMOVE,
    Action.STUDY_PUBLISH,
    Action.STUDY_APPROVE,
    Action.SITE_ADD,
    Action.SITE_OPEN,
    Action.SITE_CLOSE,
    Action.SITE_SET_ATTRIBUTE,
    Action.SITE_SET_TARGET,
    Action.DELEGATION_ADD,
    Action.DELEGATION_END,
    Action.CONSENT_VERSION_APPROVE,
)
