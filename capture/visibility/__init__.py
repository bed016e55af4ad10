"""Who may see what of a study, decided in one place: the Viewer, and what actions mention."""

from __future__ import annotations

from capture.visibility.mentions import MENTIONS, Mention, mentions, mentions_nothing, usual_mention
from capture.visibility.viewer import Viewer, get_viewer, holds_mask, shows_arms_to

__all__ = [
    "MENTIONS",
    "Mention",
    "Viewer",
    "get_viewer",
    "holds_mask",
    "mentions",
    "mentions_nothing",
    "shows_arms_to",
    "usual_mention",
]
