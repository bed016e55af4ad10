"""Randomisations, their strata and the gates before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Literal

from pydantic import Field

from forms.vocabulary import ArmName, Code, Formula, Name, Part, Provenance, Words


class ValueUsed(Part):
    """A value shown beside a criterion: its label and the expression for it."""

    label: Words
    value: Formula


class Criterion(Part):
    """One eligibility criterion; `holds` must be true, and unknown does not pass."""

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
    """A treatment group and its share of the allocations.

    closed: it is no longer allocated; participants already allocated to it keep it.
    """

    arm: ArmName
    label: Words
    ratio: int = Field(default=1, ge=1, le=100)
    closed: bool = False


class Factor(Part):
    """A stratification factor; `levels` groups codes, and without it each code is a level."""

    factor: Name
    label: Words | None = None
    source: Formula = Field(alias="from")
    levels: Mapping[Name, tuple[Code, ...]] | None = None
    provenance: Provenance | None = None


class Question(Part):
    """One question of a factorial randomisation, with its own arms."""

    question: Name
    title: Words
    arms: tuple[Arm, ...] = Field(min_length=2)


class Randomisation(Part):
    """One allocation question of the study; block sizes, p and weights are never written here.

    A factorial randomisation has several questions: every participant gets one arm of each, and
    their product is allocated.
    """

    name: Name
    title: Words
    provenance: Provenance | None = None
    gate: Name
    eligibility_confirmed_by: Literal["recorded", "esign"] = "recorded"
    consent: Name
    blinded: bool = False
    listed_arms: tuple[Arm, ...] = Field(default=(), min_length=2, alias="arms")
    factorial: tuple[Question, ...] = Field(default=(), min_length=2)
    method: str
    strata: tuple[Factor, ...] = ()
    minimisation_factors: tuple[Factor, ...] = ()

    @property
    def factors(self) -> tuple[Factor, ...]:
        """All factors whose level an allocation needs: strata first, then minimised factors."""
        return (*self.strata, *self.minimisation_factors)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that are allocated; for a factorial randomisation the products of its questions.

        A product arm has the names joined by `_`, the labels by `; `, and the ratios multiplied.
        """
        if not self.factorial:
            return self.listed_arms
        return tuple(_make_product_arm(chosen) for chosen in self._products())

    @property
    def open_arms(self) -> tuple[Arm, ...]:
        """The arms that may be allocated from now on."""
        return tuple(arm for arm in self.arms if not arm.closed)

    def by_question(self, arm: str) -> Mapping[str, Arm]:
        """Return the arm of each question in a product arm; empty for any other arm."""
        names = [question.question for question in self.factorial]
        for chosen in self._products() if names else ():
            if _make_product_arm(chosen).arm == arm:
                return dict(zip(names, chosen, strict=True))
        return {}

    def _products(self) -> Iterator[tuple[Arm, ...]]:
        return product(*(question.arms for question in self.factorial))

    def arm(self, name: str) -> Arm:
        """Return the arm of this name; one of an earlier version only has no label."""
        gone = Arm.model_construct(arm=name, label=name, ratio=1, closed=True)
        return next((arm for arm in self.arms if arm.arm == name), gone)


def _make_product_arm(chosen: Sequence[Arm]) -> Arm:
    """Return the product of one arm for each question; the study's check finds impossible ones."""
    return Arm.model_construct(
        arm="_".join(arm.arm for arm in chosen),
        label="; ".join(arm.label for arm in chosen),
        ratio=prod(arm.ratio for arm in chosen),
        closed=any(arm.closed for arm in chosen),
    )
