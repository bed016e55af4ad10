"""Statements answered on one scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from forms.items.base import BaseItem
from forms.items.coded import list_choice_formulas, prove_codes
from forms.items.parts import Choice
from forms.items.single_choice import SingleChoice
from forms.items.surroundings import ItemFormula, ItemProof
from forms.vocabulary import Name, Part, Provenance, Words
from forms.widgets.choices import grid_opening, grid_row
from forms.widgets.frames import PageSettings, condition, make_row_frame
from forms.widgets.parts import Widget, safe

if TYPE_CHECKING:
    from forms.items import Item


class LikertRow(Part):
    """One line of a grid; it is an item of its own, with its own name and value."""

    name: Name
    label: Words
    provenance: Provenance | None = None


class LikertGrid(BaseItem):
    """Statements answered on one scale; the grid holds no value, each of its rows does."""

    type: Literal["likert_grid"]
    rows: tuple[LikertRow, ...] = Field(min_length=1)
    choices: tuple[Choice, ...] = Field(min_length=2)

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The choices of every row."""
        return self.choices

    @property
    def names(self) -> tuple[str, ...]:
        """Its own name and those of its rows."""
        return (self.name, *(row.name for row in self.rows))

    def leaves(self) -> Iterator[Item]:
        """Yield the rows as single choices."""
        return (self._row_as_choice(row) for row in self.rows)

    def _row_as_choice(self, row: LikertRow) -> SingleChoice:
        marks = self.model_dump(
            include={
                "required",
                "identifying",
                "critical",
                "hidden_from",
                "read_only_for",
                "show_if",
            }
        )
        return SingleChoice(
            type="single_choice",
            name=row.name,
            label=row.label,
            provenance=row.provenance or self.provenance,
            choices=self.choices,
            **marks,
        )

    def list_formulas(self) -> Iterator[ItemFormula]:
        """Yield every expression of the grid, those of its choices included."""
        yield from super().list_formulas()
        yield from list_choice_formulas(self.choices)

    def prove(self, proof: ItemProof) -> None:
        """Each code stands once."""
        super().prove(proof)
        prove_codes(proof, self.choices)

    def make_leaf_control(self, leaf: Item, page: PageSettings) -> Widget:
        """Make one row."""
        if page.read_only:
            return leaf.make_read_only(page)
        return grid_row(make_row_frame(leaf, page), leaf.answers)

    def surround_leaves(self, page: PageSettings) -> tuple[str, str]:
        """Return the heads of the columns; to those who only read, the words above the rows."""
        if page.read_only:
            return f'<p class="app-label">{safe(self.label)}</p>', ""
        opening = grid_opening(
            self.name, self.label, self.hint, self.choices, condition(self.show_if)
        )
        return opening, "</div></div>"
