"""What looking at the dashboard is called in the table of roles."""

from __future__ import annotations

from capture.access import Action
from capture.ledger.action_labels import label_actions

label_actions({Action.DASHBOARD_VIEW: ("", "See the dashboard")})
