"""Several lines of text."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from forms.items.text import WrittenItem
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextArea
from forms.widgets.parts import Widget


class Notes(WrittenItem):
    """Several lines of text."""

    takes_lines: ClassVar[bool] = True

    type: Literal["notes"]
    max_length: int = Field(default=4000, ge=1, le=20000)

    def make_control(self, page: PageSettings) -> Widget:
        """Make a box of several lines."""
        return TextArea(make_labelled_frame(self, page))
