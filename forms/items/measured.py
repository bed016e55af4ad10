"""What measured numbers share: decimals, and units they may be entered in."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import ClassVar

from pydantic import Field

from forms.items.numbers import RangedNumber
from forms.items.parts import Unit
from forms.items.surroundings import ItemProof
from forms.values.cells import Cell, Refusal, refuse
from forms.values.numbers import plain
from forms.widgets.frames import PageSettings, make_labelled_frame
from forms.widgets.inputs import TextBox, make_unit_chooser, typing_attributes, unit_suffix
from forms.widgets.parts import Widget

_EXACT = Context(prec=60)


class MeasuredNumber(RangedNumber):
    """A number with a stated count of decimals, kept in its canonical unit."""

    takes_decimals: ClassVar[bool] = True
    keyboard: ClassVar[str] = "decimal"
    """The keys that a telephone offers for it."""

    decimals: int = Field(ge=0, le=10)
    other_units: tuple[Unit, ...] = ()

    @property
    def value_decimals(self) -> int:
        """The decimals that its values may have."""
        return self.decimals

    @property
    def entry_units(self) -> tuple[str, ...]:
        """Every unit it may be entered in, its own first."""
        units = (self.unit, *(other.unit for other in self.other_units))
        return tuple(unit for unit in units if unit)

    @property
    def spoken_unit(self) -> str | None:
        """The unit said in the label, where none is chosen."""
        return None if self.other_units else self.unit

    @property
    def stored_as(self) -> str:
        """The type with its unit and decimals."""
        return f"{super().stored_as} with {self.decimals} decimals"

    def prove(self, proof: ItemProof) -> None:
        """Further units need a unit of its own, and are named once."""
        super().prove(proof)
        if self.other_units and self.unit is None:
            words = f"`{self.name}` accepts other units but has no `unit` of its own"
            proof.problem(["other_units"], words)
        names = [other.unit for other in self.other_units]
        proof.require_unique(["other_units"], names, "units")
        if self.unit in names:
            words = f"there are two units `{self.unit}`; the first is its own"
            proof.problem(["other_units", names.index(self.unit)], words)

    def read_one(self, text: str, unit: str | None) -> Cell | Refusal | None:
        """Read a number in the item's unit or in another it accepts."""
        number = self.read_number(text)
        if isinstance(number, Refusal):
            return number
        factor = self._factor(unit)
        if factor is None:
            return refuse(self, f"{unit!r} is not a unit it is measured in; {self._units()}")
        if factor == 1:
            return self._in_canonical_unit(number, text)
        value = _EXACT.multiply(number, factor).quantize(
            Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP, _EXACT
        )
        return self.refuse_impossible(value) or Cell(plain(value), unit=unit, raw=text)

    def _in_canonical_unit(self, number: Decimal, text: str) -> Cell | Refusal:
        canonical = plain(number)
        _, _, fraction = canonical.partition(".")
        if len(fraction) > self.decimals:
            most = "1 decimal" if self.decimals == 1 else f"{self.decimals} decimals"
            return refuse(self, f"give at most {most}; {text} has {len(fraction)}")
        raw = None if text == canonical else text
        return self.refuse_impossible(number) or Cell(canonical, raw=raw)

    def _factor(self, unit: str | None) -> Decimal | None:
        if unit is None or unit in ("", self.unit):
            return Decimal(1)
        return {other.unit: other.factor for other in self.other_units}.get(unit)

    def _units(self) -> str:
        return f"use {' or '.join(self.entry_units)}" if self.entry_units else "it has no unit"

    def words_of(self, cell: Cell) -> str:
        """Return the number with its unit, and as entered where that was another one."""
        shown = super().words_of(cell)
        return f"{shown} (entered as {cell.raw} {cell.unit})" if cell.unit else shown

    def make_control(self, page: PageSettings) -> Widget:
        """Make a narrow box, with the unit or a choice of units behind it."""
        frame = make_labelled_frame(self, page, self.limit_attributes())
        width, mode = " nhsuk-input--width-5", typing_attributes(self.keyboard)
        if self.unit is None or not self.other_units:
            return TextBox(frame, width, mode, unit_suffix(self.unit))
        factors = {other.unit: f"{other.factor:f}" for other in self.other_units}
        units = make_unit_chooser(self.name, self.label, self.unit, factors)
        return TextBox(frame, width, mode, units=units)
