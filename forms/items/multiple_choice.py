"""Any of a list of choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from forms.expressions import ItemType, Kind
from forms.items.coded import CodedItem, prove_codes, refuse_code
from forms.items.columns import ColumnKind, ItemColumn, MergedItem, StoredCell
from forms.items.parts import Choice
from forms.items.surroundings import Inventor, ItemProof
from forms.values.cells import Cell, Refusal, refuse
from forms.vocabulary import Code
from forms.widgets.choices import checkboxes
from forms.widgets.frames import PageSettings, choice_conditions, make_grouped_frame
from forms.widgets.parts import Widget


class MultipleChoice(CodedItem):
    """Any of a list of choices; a choice in `alone` cannot stand beside another."""

    browser_kind: ClassVar[str] = "codes"

    type: Literal["multiple_choice"]
    choices: tuple[Choice, ...] = Field(min_length=1)
    alone: tuple[Code, ...] = ()

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The choices."""
        return self.choices

    @property
    def expression_type(self) -> ItemType:
        """Any of its codes."""
        return ItemType(Kind.CHOICES, frozenset(choice.code for choice in self.choices))

    def prove(self, proof: ItemProof) -> None:
        """Each code stands once; those that stand alone are among them."""
        super().prove(proof)
        prove_codes(proof, self.choices)
        codes = [choice.code for choice in self.choices]
        for index, code in enumerate(self.alone):
            proof.require_known(["alone", index], code, codes, "choice")

    def read(self, typed: Sequence[str], *, today: date, unit: str | None) -> Cell | Refusal | None:
        """Read any of the codes, kept in the order of the list."""
        del today, unit
        chosen = {code for code in typed if code}
        if not chosen:
            return None
        known = [choice.code for choice in self.choices]
        strange = sorted(chosen.difference(known))
        if strange:
            return refuse_code(self, strange[0])
        lonely = chosen.intersection(self.alone)
        alone = [choice.label for choice in self.choices if choice.code in lonely]
        if alone and len(chosen) > 1:
            return refuse(self, f"“{alone[0]}” cannot stand beside another answer; choose again")
        return Cell(tuple(code for code in known if code in chosen))

    def make_control(self, page: PageSettings) -> Widget:
        """Make checkboxes."""
        conditions = choice_conditions(self.choices)
        return checkboxes(make_grouped_frame(self, page), self.choices, conditions, self.alone)

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return a column for each code that any version had: chosen or not."""
        return [
            ItemColumn(f"___{code}", label, ColumnKind.TRUTH, take=_chooses(code))
            for code, label in merged.codes.items()
        ]

    def invent(self, by: Inventor) -> Cell:
        """Choose one that is offered."""
        return Cell((by.random.choice(self.list_known_answers(by)),))


def _chooses(code: str) -> Callable[[StoredCell], bool | None]:
    def is_chosen(cell: StoredCell) -> bool | None:
        chosen = cell.get("v")
        return None if chosen is None else code in chosen

    return is_chosen
