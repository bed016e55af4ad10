"""One of a list of choices."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from forms.items.coded import OneCodeItem, prove_codes
from forms.items.parts import Choice
from forms.items.surroundings import Inventor, ItemProof, Purpose
from forms.values.cells import Cell
from forms.widgets.choices import make_choice_list
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.parts import Widget


class SingleChoice(OneCodeItem):
    """One of a list of choices; `layout` says whether they stand as radios or as a list."""

    type: Literal["single_choice"]
    choices: tuple[Choice, ...] = Field(min_length=1)
    layout: Literal["radios", "select"] = "radios"

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The choices."""
        return self.choices

    @property
    def serves(self) -> frozenset[Purpose]:
        """It may hold the sex of a person."""
        return frozenset({Purpose.SEX})

    def prove(self, proof: ItemProof) -> None:
        """Each code stands once."""
        super().prove(proof)
        prove_codes(proof, self.choices)

    def make_control(self, page: PageSettings) -> Widget:
        """Make radios or a list."""
        if self.layout == "radios":
            return super().make_control(page)
        return make_choice_list(make_labelled_frame(self, page), self.choices)

    def invent(self, by: Inventor) -> Cell:
        """Choose one that is offered."""
        return Cell(by.random.choice(self.list_known_answers(by)))
