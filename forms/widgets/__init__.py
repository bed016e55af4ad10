"""Controls of an instrument in NHS.UK markup: fixed parts made once, values put in per page."""

from __future__ import annotations

from forms.widgets.compile import PageSettings, compile_widget
from forms.widgets.parts import Question, Shown, Widget

__all__ = ["PageSettings", "Question", "Shown", "Widget", "compile_widget"]
