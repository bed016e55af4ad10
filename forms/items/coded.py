"""What the items share that are answered by codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from forms.expressions import ItemType, Kind
from forms.items.base import BaseItem
from forms.items.columns import ItemColumn, MergedItem, list_code_columns
from forms.items.parts import Choice
from forms.items.surroundings import Holds, Inventor, ItemFormula, ItemProof
from forms.values.cells import Cell, Refusal, refuse
from forms.widgets.choices import radios
from forms.widgets.frames import PageSettings, choice_conditions, make_grouped_frame
from forms.widgets.parts import Widget

INLINE_CHOICES = 4
INLINE_LABEL = 16
"""Up to this many choices of at most this many characters stand side by side."""


class CodedItem(BaseItem):
    """An item answered by one or several of its codes."""

    browser_kind: ClassVar[str] = "code"

    @property
    def unknown_codes(self) -> frozenset[str]:
        """The answers that say that it is not known."""
        return frozenset(choice.code for choice in self.answers if choice.unknown)

    @property
    def expression_type(self) -> ItemType:
        """One of its codes."""
        return ItemType(Kind.CHOICE, frozenset(choice.code for choice in self.answers))

    def list_offered(self, holds: Holds) -> Sequence[Choice]:
        """Return the choices whose condition holds now, in order."""
        return list_offered_among(self.answers, holds)

    def is_offered(self, cell: Cell, holds: Holds) -> bool:
        """Whether every chosen answer is offered."""
        if all(choice.when is None for choice in self.answers):
            return True
        chosen = cell.value if isinstance(cell.value, tuple) else (cell.value,)
        return {choice.code for choice in self.list_offered(holds)}.issuperset(chosen)

    def list_formulas(self) -> Iterator[ItemFormula]:
        """Yield every expression of the item, those of its choices included."""
        yield from super().list_formulas()
        yield from list_choice_formulas(self.answers)

    def words_of(self, cell: Cell) -> str:
        """Return the labels of the codes."""
        codes = cell.value if isinstance(cell.value, tuple) else (str(cell.value),)
        labels = {choice.code: choice.label for choice in self.answers}
        return ", ".join(labels.get(code, code) for code in codes)

    def list_known_answers(self, by: Inventor) -> Sequence[str]:
        """Return the codes that invented people choose from: offered, and known where there are."""
        offered = [choice.code for choice in self.list_offered(by.holds)]
        known = [c.code for c in self.answers if c.code in offered and not c.unknown]
        return known or offered


class OneCodeItem(CodedItem):
    """An item answered by one of its codes."""

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read one of the codes."""
        del unit
        if text not in {choice.code for choice in self.answers}:
            return refuse_code(self, text)
        return Cell(text)

    def make_control(self, page: PageSettings) -> Widget:
        """Make radios, side by side where they are few and short."""
        is_short = len(self.answers) <= INLINE_CHOICES and not any(
            choice.hint or len(choice.label) > INLINE_LABEL for choice in self.answers
        )
        frame = make_grouped_frame(self, page, is_row=is_short)
        return radios(frame, self.answers, choice_conditions(self.answers), inline=is_short)

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return the code and its label."""
        return list_code_columns(merged.codes)


def list_offered_among(choices: Sequence[Choice], holds: Holds) -> Sequence[Choice]:
    """Return the choices whose condition holds, in order."""
    return tuple(choice for choice in choices if choice.when is None or holds(choice.when))


def list_choice_formulas(choices: Sequence[Choice]) -> Iterator[ItemFormula]:
    """Yield the conditions under which choices are offered."""
    for choice in choices:
        if choice.when is not None:
            yield ItemFormula(choice.when, ("choices", choice.code, "when"), "choice")


def prove_codes(proof: ItemProof, choices: Sequence[Choice]) -> None:
    """Each code stands once."""
    codes = [choice.code for choice in choices]
    proof.require_unique(["choices"], codes, "choices with the code")


def refuse_code(item: BaseItem, code: str) -> Refusal:
    """Refuse a code that is none of the item's."""
    return refuse(item, f"{code[:40]!r} is not one of the answers; choose one of those shown")
