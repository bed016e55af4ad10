"""A number beyond which an assay cannot count: `<5`, `>200`, or the number itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from forms.expressions import Mode, Value
from forms.items.columns import ColumnKind, ItemColumn, MergedItem
from forms.items.measured import MeasuredNumber
from forms.items.surroundings import Inventor, Purpose
from forms.values.cells import Cell, Refusal
from forms.values.numbers import plain
from forms.values.showing import Typed

_SIGNED = re.compile(r"([<>]?)\s*(.*)", re.DOTALL)
_CENSORED_SHARE = 0.1
"""How often invented people's numbers lie beyond what could be counted: a default [D]."""


class CensoredNumber(MeasuredNumber):
    """A laboratory's number, perhaps below or above what it can count; number and sign apart."""

    keyboard: ClassVar[str] = "text"

    type: Literal["censored_number"]

    @property
    def serves(self) -> frozenset[Purpose]:
        """Nothing: a median over limits of counting would be none."""
        return frozenset()

    @property
    def columns_claimed(self) -> tuple[str, ...]:
        """The column of its sign."""
        return (f"{self.name}_sign",)

    @property
    def example(self) -> str | None:
        """How a number that could not be counted is typed."""
        return "Write < or > before a limit that could not be counted beyond, for example <5"

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read the sign, then the number as any other."""
        found = _SIGNED.fullmatch(text)
        sign, number = (found[1], found[2]) if found else ("", text)
        read = super().read_one(number, unit)
        if not sign or not isinstance(read, Cell):
            return read
        typed = None if text == f"{sign}{read.value}" else text
        return replace(read, sign=sign, raw=text if read.unit else typed)

    def _not_a_number(self, text: str) -> str:
        if text.startswith(("=", "≤", "≥")):
            return "write a limit with < or > alone, for example <5"
        return super()._not_a_number(text)

    def texts_of(self, cell: Cell) -> Typed:
        """Return the sign before the number."""
        shown = f"{cell.sign or ''}{cell.value}" if cell.raw is None else cell.raw
        return Typed((shown,), cell.unit)

    def words_of(self, cell: Cell) -> str:
        """Return the sign before the number with its unit."""
        return f"{cell.sign or ''}{super().words_of(cell)}"

    def meaning_of(self, cell: Cell, code: str | None, mode: Mode) -> Value:
        """Give the number; blank where there is only a limit, in which case no number is known."""
        return None if cell.sign else super().meaning_of(cell, code, mode)

    def list_value_columns(self, merged: MergedItem) -> Sequence[ItemColumn]:
        """Return the number and its sign, blank where the number was counted."""
        return [
            ItemColumn(kind=ColumnKind.DECIMAL, decimals=merged.decimals),
            ItemColumn(
                "_sign",
                "sign, where only a limit is known",
                part="s",
                codes={"<": "below", ">": "above"},
            ),
        ]

    def invent(self, by: Inventor) -> Cell:
        """Answer within the limits, now and then with a limit alone."""
        number = plain(self.invent_number(by, self.decimals))
        is_limit = by.random.random() < _CENSORED_SHARE
        return Cell(number, sign=by.random.choice("<>") if is_limit else None)
