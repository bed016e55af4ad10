"""What the types of number share: reading digits, limits, ranges, and invented numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import ClassVar

from forms.expressions import ItemType, Kind
from forms.items.base import BaseItem
from forms.items.parts import Range
from forms.items.surroundings import REQUEST, Doubt, Inventor, ItemProof, Purpose
from forms.values.cells import Cell, Refusal, refuse
from forms.values.numbers import MAX_DIGITS, limit_words, plain, with_unit, within
from forms.vocabulary import Words
from forms.widgets.parts import safe

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_WITH_COMMA = re.compile(r"[+-]?[0-9]+(,[0-9]+)+(\.[0-9]+)?")
_WITH_EXPONENT = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+")


class NumberItem(BaseItem):
    """A number that people type."""

    takes_typed_reason: ClassVar[bool] = True
    browser_kind: ClassVar[str] = "number"
    takes_decimals: ClassVar[bool] = False

    @property
    def hard_range(self) -> Range | None:
        """The numbers outside which nothing is stored."""
        return None

    @property
    def serves(self) -> frozenset[Purpose]:
        """A number may be a score."""
        return frozenset({Purpose.SCORE})

    @property
    def expression_type(self) -> ItemType:
        """A number is a number to an expression."""
        return ItemType(Kind.NUMBER)

    def read_number(self, text: str) -> Decimal | Refusal:
        """Read digits and a point, no exponent and no comma."""
        if _NUMBER.fullmatch(text) is None:
            return refuse(self, self._not_a_number(text))
        if sum(character.isdigit() for character in text) > MAX_DIGITS:
            return refuse(self, f"the number has more than {MAX_DIGITS} digits")
        return Decimal(text)

    def _not_a_number(self, text: str) -> str:
        if not self.takes_decimals and not _WITH_EXPONENT.fullmatch(text):
            return "enter a whole number in figures, for example 72"
        if _WITH_COMMA.fullmatch(text):
            return "use a point for decimals and no comma, for example 72.5"
        if _WITH_EXPONENT.fullmatch(text):
            return "write the number out in full, without an exponent"
        return "enter a number in figures, for example 72 or 72.5"

    def refuse_impossible(self, number: Decimal) -> Refusal | None:
        """Refuse a number outside the hard range."""
        limits = self.hard_range
        if limits is None or within(number, limits):
            return None
        shown = with_unit(plain(number), self.canonical_unit)
        words = limit_words(limits, self.canonical_unit)
        return refuse(self, f"{shown} is not possible; it must be {words}")

    def read_whole(self, text: str) -> Cell | Refusal:
        """Read a whole number."""
        number = self.read_number(text)
        if isinstance(number, Refusal):
            return number
        if number != number.to_integral_value():
            return refuse(self, f"enter a whole number; {text} has decimals")
        canonical = str(int(number))
        raw = None if text == canonical else text
        return self.refuse_impossible(number) or Cell(int(number), raw=raw)


class RangedNumber(NumberItem):
    """A number with a unit, a range to ask about and a range that is possible."""

    unit: Words | None = None
    soft: Range | None = None
    hard: Range | None = None

    @property
    def hard_range(self) -> Range | None:
        """The numbers outside which nothing is stored."""
        return self.hard

    @property
    def soft_range(self) -> Range | None:
        """The numbers outside which its value is asked about."""
        return self.soft

    @property
    def canonical_unit(self) -> str | None:
        """The unit its value is kept in."""
        return self.unit

    @property
    def spoken_unit(self) -> str | None:
        """The unit said in the label to those who cannot see it behind the box."""
        return self.unit

    @property
    def stored_as(self) -> str:
        """The type with its unit."""
        return f"{super().stored_as} in {self.unit}" if self.unit else super().stored_as

    def prove(self, proof: ItemProof) -> None:
        """Each range has ends in order, and the soft one lies inside the hard one."""
        super().prove(proof)
        for key, limits in (("soft", self.soft), ("hard", self.hard)):
            if limits is not None:
                _prove_ends(proof, key, limits)
        if self.soft is not None and self.hard is not None and not _inside(self.soft, self.hard):
            words = f"`{self.name}`: the soft range must lie inside the hard range"
            proof.problem(["soft"], words)

    def words_of(self, cell: Cell) -> str:
        """Return the number with its unit."""
        return with_unit(str(cell.value), self.unit)

    def find_doubt(self, cell: Cell) -> Doubt | None:
        """Ask about a number outside the soft range."""
        return find_range_doubt(cell, self.soft, self.unit)

    def limit_attributes(self) -> str:
        """Return the soft range to the page's scripts."""
        if self.soft is None:
            return ""
        limits = {"min": self.soft.minimum, "max": self.soft.maximum}
        unit = f' data-unit="{safe(self.unit)}"' if self.unit else ""
        return unit + "".join(
            f' data-soft-{key}="{number:f}"' for key, number in limits.items() if number is not None
        )

    def invent_number(self, by: Inventor, decimals: int) -> Decimal:
        """Invent a number within the hard limits, nine times in ten within the soft ones."""
        low, high = _ends(self.hard, Decimal(0), Decimal(100))
        if self.soft is not None and by.random.random() < 0.9:
            low, high = _ends(self.soft, low, high)
        step = Decimal(1).scaleb(-decimals)
        steps = int((high - low) / step)
        return (low + step * by.random.randint(0, max(steps, 0))).quantize(step)


def find_range_doubt(cell: Cell, soft: Range | None, unit: str | None) -> Doubt | None:
    """Ask about a number outside a range."""
    number = Decimal(str(cell.value))
    if soft is None or within(number, soft):
        return None
    shown = with_unit(f"{cell.sign or ''}{plain(number)}", unit)
    return Doubt("range", f"{shown} is out of range ({limit_words(soft, unit)}). {REQUEST}")


def _prove_ends(proof: ItemProof, key: str, limits: Range) -> None:
    low, high = limits.minimum, limits.maximum
    if low is None and high is None:
        proof.problem([key], "give the range a `min`, a `max` or both")
    elif low is not None and high is not None and low > high:
        proof.problem([key], f"the range is upside down: min {low} is more than max {high}")


def _inside(soft: Range, hard: Range) -> bool:
    endless = Decimal("Infinity")
    low_soft = -endless if soft.minimum is None else soft.minimum
    low_hard = -endless if hard.minimum is None else hard.minimum
    high_soft = endless if soft.maximum is None else soft.maximum
    high_hard = endless if hard.maximum is None else hard.maximum
    # A soft range without an end asks nothing there; only a stated end beyond the hard one is odd.
    is_low = soft.minimum is None or low_soft >= low_hard
    return is_low and (soft.maximum is None or high_soft <= high_hard)


def _ends(limits: Range | None, low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
    if limits is None:
        return low, high
    return (
        limits.minimum if limits.minimum is not None else low,
        limits.maximum if limits.maximum is not None else high,
    )
