"""Exporting data is recorded and changes no state."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import applies, changes_nothing
from capture.visibility import mentions_nothing

applies(Action.DATASET_EXPORT)(changes_nothing)
mentions_nothing(Action.DATASET_EXPORT)
