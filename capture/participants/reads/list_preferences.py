"""The filters that each person last chose in the list of participants: settings, no trial data."""

from __future__ import annotations

import sqlalchemy as sa

from capture.participants.tables import list_preference


def list_preferences_of(connection: sa.Connection, user: str, study: str) -> dict[str, str]:
    """Return what the person chose in this study, by the name of the choice; empty for nothing."""
    found = connection.execute(
        sa.select(list_preference.c.choices).where(
            list_preference.c.user == user, list_preference.c.study == study
        )
    ).scalar()
    return dict(found or {})


def find_last_study(connection: sa.Connection, user: str) -> str | None:
    """Return the study whose list the person chose last."""
    return connection.execute(
        sa.select(list_preference.c.study)
        .where(list_preference.c.user == user)
        .order_by(list_preference.c.chosen_at.desc(), list_preference.c.study)
        .limit(1)
    ).scalar()
