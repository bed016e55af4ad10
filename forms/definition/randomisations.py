"""Randomisations, their strata and the gates before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Literal

from pydantic import Field

from forms.vocabulary import ArmName, Code, Formula, Name, Part, Provenance, Words


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
    """A treatment group and its share of the allocations.

    closed: nobody gets it any more; who has it keeps it.
    """

    arm: ArmName
    label: Words
    ratio: int = Field(default=1, ge=1, le=100)
    closed: bool = False


class Factor(Part):
    """A variable that people are allocated by; `levels` groups codes, without: one for each."""

    factor: Name
    label: Words | None = None
    source: Formula = Field(alias="from")
    levels: Mapping[Name, tuple[Code, ...]] | None = None
    provenance: Provenance | None = None


class Question(Part):
    """One question of a factorial randomisation, with arms of its own."""

    question: Name
    title: Words
    arms: tuple[Arm, ...] = Field(min_length=2)


class Randomisation(Part):
    """One allocation question of the study; block sizes, p and weights are never written here.

    A factorial randomisation asks several questions at once: everybody gets one arm of each, and
    what is allocated is their product.
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
        """Every factor whose level a draw needs: strata first, then what minimisation balances."""
        return (*self.strata, *self.minimisation_factors)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms that are allocated; of a factorial randomisation the product of its questions.

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
        """Give the arm of each question that a product arm stands for; empty for any other arm."""
        names = [question.question for question in self.factorial]
        for chosen in self._products() if names else ():
            if _make_product_arm(chosen).arm == arm:
                return dict(zip(names, chosen, strict=True))
        return {}

    def _products(self) -> Iterator[tuple[Arm, ...]]:
        return product(*(question.arms for question in self.factorial))

    def arm(self, name: str) -> Arm:
        """Give the arm of this name; one that an earlier version had and this lost has no label."""
        gone = Arm.model_construct(arm=name, label=name, ratio=1, closed=True)
        return next((arm for arm in self.arms if arm.arm == name), gone)


def _make_product_arm(chosen: Sequence[Arm]) -> Arm:
    """The product arm of one arm a question; whether it can be is proved with the study."""
    return Arm.model_construct(
        arm="_".join(arm.arm for arm in chosen),
        label="; ".join(arm.label for arm in chosen),
        ratio=prod(arm.ratio for arm in chosen),
        closed=any(arm.closed for arm in chosen),
    )
