"""Randomisations, their strata and the gates before them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from forms.definition.base import ArmName, Code, Formula, Name, Part, Provenance, Words


class ValueUsed(Part):
    """A value shown beside a criterion: what was looked at, in words, and how it is found."""

    label: Words
    value: Formula


class Criterion(Part):
    """One rule of a gate in our own words; `holds` must be true, unknown does not pass."""

    name: Name
    wording: Words
    holds: Formula
    values: tuple[ValueUsed, ...] = ()
    provenance: Provenance | None = None


class Gate(Part):
    """Criteria that must all hold before an act such as randomising."""

    name: Name
    title: Words
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class Arm(Part):
    """A treatment group and its share of the allocations."""

    arm: ArmName
    label: Words
    ratio: int = Field(default=1, ge=1, le=100)


class Factor(Part):
    """A variable that people are allocated by; `levels` groups codes, without: one for each."""

    factor: Name
    label: Words | None = None
    source: Formula = Field(alias="from")
    levels: Mapping[Name, tuple[Code, ...]] | None = None
    provenance: Provenance | None = None


class Randomisation(Part):
    """One allocation question of the study; block sizes, p and weights are never written here."""

    name: Name
    title: Words
    provenance: Provenance | None = None
    gate: Name
    eligibility_confirmed_by: Literal["recorded", "esign"] = "recorded"
    consent: Name
    blinded: bool = False
    arms: tuple[Arm, ...] = Field(min_length=2)
    method: str
    strata: tuple[Factor, ...] = ()
    minimisation_factors: tuple[Factor, ...] = ()

    @property
    def factors(self) -> tuple[Factor, ...]:
        """Every factor whose level a draw needs: strata first, then what minimisation balances."""
        return (*self.strata, *self.minimisation_factors)

    def arm(self, name: str) -> Arm:
        """Give the arm of this name; StopIteration never happens for an arm of the study."""
        return next(arm for arm in self.arms if arm.arm == name)
