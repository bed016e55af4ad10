"""Yes, no or not known."""

from __future__ import annotations

from typing import Literal

from forms.items.coded import OneCodeItem
from forms.items.parts import Choice
from forms.items.surroundings import Inventor
from forms.values.cells import Cell

YES_NO_NK = (
    Choice(code="yes", label="Yes"),
    Choice(code="no", label="No"),
    Choice(code="nk", label="Not known", unknown=True),
)


class YesNo(OneCodeItem):
    """Yes, no or (where the item allows it) not known; the codes are yes, no and nk."""

    type: Literal["yes_no_nk"]
    not_known: bool = True

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The choices offered, in order."""
        return YES_NO_NK if self.not_known else YES_NO_NK[:2]

    def invent(self, by: Inventor) -> Cell:
        """Answer yes four times in five."""
        return Cell("yes" if by.random.random() < 0.8 else "no")
