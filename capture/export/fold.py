"""Taking datasets away is on record and changes no state."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.fold import applies, changes_nothing

applies(Action.DATASET_EXPORT)(changes_nothing)
