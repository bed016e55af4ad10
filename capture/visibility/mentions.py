"""What each act on record mentions, so that who may not know of it is not shown the act.

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
    """What an act is about. Any of it that is withheld withholds the act.

    visits: kinds of visit; visit_ids: the same by id. tells_group: the act tells an arm or a
    cohort; tells_level: a dose level. parts: what the act holds several of; one part that may be
    shown is enough for the act to be shown.
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
"""What the acts of each action mention; filled by each feature's fold.py when it is imported."""


def mentions(*actions: Action) -> Callable[[Mentioning], Mentioning]:
    """Register what the acts of some actions mention."""

    def register(function: Mentioning) -> Mentioning:
        for action in actions:
            if action in MENTIONS:
                raise ValueError(f"{action} is registered twice")
            MENTIONS[action] = function
        return function

    return register


def mentions_nothing(*actions: Action) -> None:
    """Register actions of which nothing is withheld; what one of their values tells, is."""
    mentions(*actions)(lambda _fact: Mention())


def usual_mention(fact: LedgerRow) -> Mention:
    """The visit, the form, the item and the dated events that a body names, the usual way."""
    return Mention(
        visits=_find_named(fact, "visit_slug"),
        visit_ids=_find_named(fact, "visit"),
        instruments=_find_named(fact, "instrument"),
        items=_find_named(fact, "item"),
        events=frozenset(row["kind"] for row in list_body_rows(fact.new("facts"))),
    )


def mention_of_answers(fact: LedgerRow) -> Mention:
    """The same, and each answer that changed as a part."""
    changed = [name.removeprefix(ITEM) for name in fact.body if name.startswith(ITEM)]
    parts = tuple(Mention(items=frozenset({name})) for name in changed)
    return replace(usual_mention(fact), parts=parts)


def list_body_rows(value: Any) -> list[dict[str, Any]]:
    """The rows that a value of a body lists; none where it holds something else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _find_named(fact: LedgerRow, key: str) -> frozenset[str]:
    value = fact.new(key)
    return frozenset({value}) if isinstance(value, str) else frozenset()


# What is done below this feature is about people's accounts, the study and its sites.
mentions_nothing(
    Action.ACT_REFUSE,
    Action.USER_CREATE,
    Action.USER_DISABLE,
    Action.USER_ENABLE,
    Action.USER_SET_PASSWORD,
    Action.USER_RESET_PASSWORD,
    Action.USER_SIGN_IN,
    Action.USER_FAIL_SIGN_IN,
    Action.USER_SIGN_OUT,
    Action.SESSION_REVOKE,
    Action.SESSION_LOCK,
    Action.SESSION_UNLOCK,
    Action.MEMBERSHIP_GRANT,
    Action.MEMBERSHIP_END,
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
