"""What each act about a participant does to the state, as pure functions of its fact."""

from __future__ import annotations

from capture.participants.fold.visits import (
    add_entered_form,
    clear_visit,
    count_open_query,
    remove_entered_form,
)

__all__ = [
    "add_entered_form",
    "clear_visit",
    "count_open_query",
    "remove_entered_form",
]
