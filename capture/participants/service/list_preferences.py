"""Stores the filters that a person chose in a list: a setting, which is not in the ledger."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from capture import clock
from capture.participants.tables import list_preference


def keep_choices(
    connection: sa.Connection, user: str, study: str, choices: Mapping[str, str]
) -> None:
    """Let the person find the list of this study as it is now, and this study first."""
    mine = (list_preference.c.user == user, list_preference.c.study == study)
    now = {"choices": dict(choices), "chosen_at": clock.instant()}
    if not connection.execute(list_preference.update().where(*mine).values(**now)).rowcount:
        connection.execute(list_preference.insert().values(user=user, study=study, **now))
