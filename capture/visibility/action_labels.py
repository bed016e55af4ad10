"""The label of the right to see arms, in the table of roles."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import label_actions

label_actions({Action.ARM_VIEW: ("", "See the arms of participants")})
