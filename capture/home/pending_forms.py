"""What the reader sent when the session had ended, or in somebody else's: kept, and not stored."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from werkzeug.exceptions import HTTPException

from capture import clock
from capture.access import Actor
from capture.accounts import pending_forms
from capture.home.sections import HomeSection, SectionCell, make_cell
from capture.participants import reads as participants
from capture.problems import NotFound

HOUR = timedelta(hours=1)


def find_pending_section(connection: sa.Connection, who: Actor) -> HomeSection | None:
    """The way back to each form that is kept; None when there is nothing to go back to."""
    found = pending_forms.list_pending_forms(connection, who.id)
    if not found:
        return None
    rows = tuple(_make_row(connection, who, path, at) for path, at in found)
    return HomeSection("kept", "Sent but not saved", ("Page", "Participant", "Since"), rows)


def _make_row(connection: sa.Connection, who: Actor, path: str, at: str) -> tuple[SectionCell, ...]:
    hours = (clock.now() - clock.from_text(at)) // HOUR
    age = f"{hours} {'hour' if hours == 1 else 'hours'}" if hours else "less than an hour"
    number = _find_number(connection, who, path)
    return (
        SectionCell("Continue with what you entered", path, number),
        make_cell(number),
        make_cell(age),
    )


def _find_number(connection: sa.Connection, who: Actor, path: str) -> str:
    """The participant whose page it is, as far as there is one that the reader may see."""
    try:
        _endpoint, parts = current_app.url_map.bind("").match(path.partition("?")[0])
        person = participants.get_participant(connection, who, parts["study"], parts["pid"])
    except (HTTPException, NotFound, KeyError):
        return ""
    return person.number
