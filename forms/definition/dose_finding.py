"""Dose finding: levels given one after another, and how the next one is decided."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from forms.vocabulary import Code, Name, Part, Provenance, Words, whole_number_as_text

Counted = Annotated[
    str,
    BeforeValidator(whole_number_as_text, json_schema_input_type=str | int),
    StringConstraints(pattern=r"^[0-9]{1,3}(-[0-9]{1,3})?$"),
]
"""A number of people, or two with a line between them: `3`, `"4-5"`."""


class DoseLevel(Part):
    """One dose, by the name that decisions use and in the words of the protocol."""

    level: Code
    dose: Words
    provenance: Provenance | None = None


class SecondCondition(Part):
    """What is judged beside DLT, such as a blood value; `met` is what counts."""

    title: Words
    met: Words
    provenance: Provenance | None = None


class TableRow(Part):
    """What is decided for so many people evaluable, with a DLT, who met the second condition.

    What is left out may be anything. above: whether a level above is open, or none is (the top, or
    closed as too toxic).
    """

    evaluable: Counted
    dlts: Counted
    met: Counted | None = None
    above: Literal["open", "none"] | None = None
    then: Literal["stay", "escalate", "de_escalate", "mtd", "stop", "committee"]


class DoseFinding(Part):
    """One dose-finding part of a study (docs/dose-finding.md); nothing in it is concealed.

    gate, consent: what must hold before somebody is registered.
    levels: the lowest dose first. start: the level that opens first.
    cohort: how many people are judged together. per_level, people: the most at one level, in all.
    window_days: how long somebody is watched for a DLT, from the day of registration.
    stagger_days: days between the first and the second person of a cohort.
    committee: the name of the committee that signs decisions.
    dlt: the protocol's definition of a DLT, in words.
    The other keys are the method's own.
    """

    name: Name
    title: Words
    provenance: Provenance | None = None
    gate: Name
    consent: Name
    committee: Words
    dlt: Words
    levels: tuple[DoseLevel, ...] = Field(min_length=2, max_length=20)
    start: Code
    method: str
    cohort: int = Field(default=3, ge=1, le=24)
    per_level: int = Field(default=6, ge=1, le=500)
    people: int | None = Field(default=None, ge=1, le=500)
    window_days: int = Field(ge=1, le=3650)
    stagger_days: int = Field(default=0, ge=0, le=365)
    target: Decimal | None = None
    second_condition: SecondCondition | None = None
    table: tuple[TableRow, ...] = Field(default=(), max_length=200)
    otherwise: Literal["committee"] | None = None
    safe: Decimal | None = None
    toxic: Decimal | None = None
    cutoff: Decimal | None = None
    skeleton: tuple[Decimal, ...] = ()
    model: Literal["empiric", "logistic"] | None = None
    estimate: Literal["bayes", "maximum_likelihood"] | None = None
    prior_variance: Decimal | None = None
    intercept: Decimal | None = None
    no_skip: bool | None = None
    coherent: bool | None = None

    @property
    def level_names(self) -> tuple[str, ...]:
        """The names of the levels, the lowest dose first."""
        return tuple(level.level for level in self.levels)
