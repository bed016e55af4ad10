"""How actions on people change accounts and memberships."""

from __future__ import annotations

from capture.access import Action
from capture.accounts.tables import ACCOUNT, MEMBERSHIP
from capture.ledger.fold import LedgerRow, State, applies, changes_nothing

ON_RECORD_ONLY = (
    Action.USER_SET_PASSWORD,
    Action.USER_RESET_PASSWORD,
    Action.USER_SIGN_IN,
    Action.USER_FAIL_SIGN_IN,
    Action.USER_SIGN_OUT,
    Action.SESSION_REVOKE,
    Action.SESSION_LOCK,
    Action.SESSION_UNLOCK,
)
for _action in ON_RECORD_ONLY:
    applies(_action)(changes_nothing)


@applies(Action.USER_CREATE)
def apply_user_create(state: State, fact: LedgerRow) -> None:
    ACCOUNT.put(
        state,
        {
            "id": fact.subject_id,
            "email": fact.new("email"),
            "name": fact.new("name"),
            "state": "active",
        },
    )


@applies(Action.ACCOUNT_CLOSE)
@applies(Action.ACCOUNT_REOPEN)
def apply_user_state(state: State, fact: LedgerRow) -> None:
    if row := ACCOUNT.get(state, fact.subject_id):
        ACCOUNT.put(state, {**row, "state": fact.new("state")})


@applies(Action.ROLE_ASSIGN)
def apply_grant(state: State, fact: LedgerRow) -> None:
    MEMBERSHIP.put(
        state,
        {
            "id": fact.new("membership"),
            "user": fact.subject_id,
            "role": fact.new("role"),
            "sites": fact.new("sites"),
            "masked": fact.new("masked"),
            "from_date": fact.new("from_date"),
            "to_date": fact.new("to_date"),
            "ended_at": None,
            "assigned_by": fact.actor,
        },
    )


@applies(Action.ROLE_REMOVE)
def apply_end(state: State, fact: LedgerRow) -> None:
    if row := MEMBERSHIP.get(state, fact.new("membership")):
        ended_at, to_date = fact.new("ended_at"), fact.new("to_date")
        MEMBERSHIP.put(state, {**row, "ended_at": ended_at, "to_date": to_date})
