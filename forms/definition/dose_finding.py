"""Dose finding: dose levels, and how the next level is decided."""

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
    """One dose level: its name in decisions and its label from the protocol."""

    level: Code
    dose: Words
    provenance: Provenance | None = None


class SecondCondition(Part):
    """A condition evaluated in addition to DLT, such as a blood value; `met` is what counts."""

    title: Words
    met: Words
    provenance: Provenance | None = None


class TableRow(Part):
    """The decision for numbers of participants evaluable, with a DLT, with the second condition.

    A number left out may be any. above: whether a level above is open, or none is (at the top, or
    closed as too toxic).
    """

    evaluable: Counted
    dlts: Counted
    met: Counted | None = None
    above: Literal["open", "none"] | None = None
    then: Literal["stay", "escalate", "de_escalate", "mtd", "stop", "committee"]


class DoseFinding(Part):
    """One dose-finding part of a study (docs/dose-finding.md); nothing in it is concealed.

    gate, consent: what must hold before a participant is registered.
    levels: the lowest dose first. start: the level that opens first.
    cohort: how many participants are evaluated together. per_level, people: the most participants
    at one level, and in all.
    window_days: days for which a participant is observed for a DLT, from the day of registration.
    stagger_days: days between the first and the second participant of a cohort.
    committee: the name of the committee that signs decisions.
    dlt: the protocol's definition of a DLT, in words.
    The other keys are parameters of the method.
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
