"""Functions of other features that run after an entry was saved, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable

from capture.ledger.service import Transaction
from forms.definition import Study

AFTER_SAVE: list[Callable[[Transaction, Study, str], None]] = []
"""Called with the study and the participant's id after each save that changed something."""


def run_after_save(tx: Transaction, study: Study, participant_id: str) -> None:
    """Run the functions that other features registered for after a save."""
    for look_at in AFTER_SAVE:
        look_at(tx, study, participant_id)
