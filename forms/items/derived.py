"""A value that is worked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from forms.expressions import ItemType, Kind
from forms.items.base import BaseItem
from forms.items.coded import prove_codes
from forms.items.columns import (
    ColumnKind,
    ItemColumn,
    MergedItem,
    list_code_columns,
    list_partial_date_columns,
)
from forms.items.numbers import find_range_doubt
from forms.items.parts import Choice, Range
from forms.items.surroundings import Doubt, ItemFormula, ItemProof, Purpose
from forms.partial_dates import parse_iso
from forms.values.cells import Cell
from forms.values.numbers import with_unit
from forms.vocabulary import Code, Formula, Name, Part, Provenance, Words


class Rule(Part):
    """One clause of a derived item: when it holds, the item has this value."""

    name: Name
    when: Formula
    value: Code
    wording: Words
    provenance: Provenance | None = None


class Derived(BaseItem):
    """Computed on the server: a `formula` (two-valued), or `rules` tried in order (three-valued).

    With rules, a clause that is unknown leaves the result unknown unless it could not change it.
    """

    blank_words: ClassVar[str] = "Calculated on save"

    type: Literal["derived"]
    result: Literal["number", "text", "date", "code"]
    formula: Formula | None = None
    rules: tuple[Rule, ...] = ()
    otherwise: Code | None = None
    choices: tuple[Choice, ...] = ()
    decimals: int = Field(default=2, ge=0, le=10)
    unit: Words | None = None
    soft: Range | None = None

    @property
    def derivation(self) -> Derived:
        """Itself: nobody types its value."""
        return self

    @property
    def wording(self) -> str:
        """How it is worked out, on one line."""
        rules = [f"{rule.value} when {rule.when}" for rule in self.rules]
        if rules and self.otherwise is not None:
            rules.append(f"otherwise {self.otherwise}")
        return self.formula or "; ".join(rules)

    @property
    def answers(self) -> tuple[Choice, ...]:
        """The codes that its rules give."""
        return self.choices

    @property
    def serves(self) -> frozenset[Purpose]:
        """A number may be a score."""
        return frozenset({Purpose.SCORE} if self.result == "number" else ())

    @property
    def soft_range(self) -> Range | None:
        """The numbers outside which its value is asked about."""
        return self.soft

    @property
    def canonical_unit(self) -> str | None:
        """The unit its value is kept in."""
        return self.unit

    @property
    def stored_as(self) -> str:
        """The type with its unit, decimals and result."""
        unit = f" in {self.unit}" if self.unit else ""
        return f"derived{unit} with {self.decimals} decimals giving a {self.result}"

    def list_formulas(self) -> Iterator[ItemFormula]:
        """Yield every expression of the item, those it is worked out with last."""
        yield from super().list_formulas()
        if self.formula is not None:
            yield ItemFormula(self.formula, ("formula",), "formula")
        for rule in self.rules:
            yield ItemFormula(rule.when, ("rules", rule.name, "when"), "rule")

    def prove(self, proof: ItemProof) -> None:
        """It is worked out in one way, to a value it can have, and nobody is asked for it."""
        super().prove(proof)
        prove_codes(proof, self.choices)
        if (self.formula is None) == (not self.rules):
            proof.problem([], f"derived `{self.name}` needs either a `formula` or `rules`")
        if self.required:
            proof.problem(["required"], "a derived item cannot be required; nobody types it")
        if self.result == "code":
            self._prove_rules(proof)
        elif self.rules:
            proof.problem(["result"], "rules give a code; write `result: code`")
        if self.identifying and self.show_if is None:
            proof.problem([], f"derived item `{self.name}` cannot be marked identifying")

    def _prove_rules(self, proof: ItemProof) -> None:
        codes = [choice.code for choice in self.choices]
        proof.require_unique(["rules"], [rule.name for rule in self.rules], "rules")
        for rule in self.rules:
            proof.require_known(["rules", rule.name, "value"], rule.value, codes, "choice")
        if self.otherwise is not None:
            proof.require_known(["otherwise"], self.otherwise, codes, "choice")

    def words_of(self, cell: Cell) -> str:
        """Return a date in words, the label of a code, or a number with its unit."""
        text = str(cell.value)
        if self.result == "date":
            return parse_iso(text).words
        if self.result == "code":
            return {choice.code: choice.label for choice in self.choices}.get(text, text)
        return with_unit(text, self.unit)

    def find_doubt(self, cell: Cell) -> Doubt | None:
        """Ask about a number outside the soft range."""
        return find_range_doubt(cell, self.soft, self.unit) if self.soft is not None else None

    @property
    def expression_type(self) -> ItemType:
        """What its result is."""
        if self.result == "code":
            return ItemType(Kind.CHOICE, frozenset(choice.code for choice in self.choices))
        kinds = {"number": Kind.NUMBER, "date": Kind.DATE}
        return ItemType(kinds.get(self.result, Kind.TEXT))

    @property
    def value_kind(self) -> str:
        """The type with its result."""
        return f"{self.type} {self.result}"

    @property
    def value_decimals(self) -> int:
        """The decimals that its values may have."""
        return self.decimals

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return the columns of its result."""
        if self.result == "number":
            return [ItemColumn(kind=ColumnKind.DECIMAL, decimals=merged.decimals)]
        if self.result == "date":
            return list_partial_date_columns()
        if self.result == "code":
            return list_code_columns(merged.codes)
        return super().list_value_columns(merged)

    def list_further_columns(self) -> Sequence[ItemColumn]:
        """Return the clause that fired."""
        return [ItemColumn("_rule", "rule that decided", part="rule")] if self.rules else ()
