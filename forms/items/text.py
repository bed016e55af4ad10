"""One line of text, and what it shares with several lines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from forms.items.base import BaseItem
from forms.items.surroundings import Inventor
from forms.values.cells import Cell, Refusal, refuse
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextBox
from forms.widgets.parts import Widget

SHORT = 40
"""Up to so many characters a box is drawn narrow."""


class WrittenItem(BaseItem):
    """Text that people write."""

    max_length: int

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read text; line ends become one kind, outer blanks go; it is never cut."""
        del unit
        text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            return None
        over = len(text) - self.max_length
        if over > 0:
            words = f"too long by {over}; it may have {self.max_length} characters. Nothing was cut"
            return refuse(self, words)
        if "\n" in text and not self.takes_lines:
            return refuse(self, "write it on one line")
        return Cell(text)

    def invent(self, by: Inventor) -> Cell:
        """Say that nobody wrote it."""
        del by
        return Cell("Synthetic entry")


class Text(WrittenItem):
    """One line of text."""

    type: Literal["text"]
    max_length: int = Field(default=200, ge=1, le=1000)

    def make_control(self, page: PageSettings) -> Widget:
        """Make a box, narrow where the text is short."""
        width = " nhsuk-input--width-20" if self.max_length <= SHORT else ""
        return TextBox(make_labelled_frame(self, page), width, ' autocomplete="off"')
