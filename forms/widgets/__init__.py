"""Controls of an instrument in NHS.UK markup: fixed parts made once, values put in per page."""

from __future__ import annotations

from forms.widgets.frames import PageSettings
from forms.widgets.parts import Question, Shown, Widget

__all__ = ["PageSettings", "Question", "Shown", "Widget"]
